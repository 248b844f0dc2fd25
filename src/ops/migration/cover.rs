//! What a migration speaks of.

use super::path::{Path, Token};
use super::step::{Migration, Operation, Step};
use crate::text::Pointer;

/// One step, in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// What it does, in the word of the file.
    pub operation: &'static str,
    /// The places that it is about, as the file names them.
    pub places: Vec<String>,
    /// Why.
    pub why: Option<String>,
    /// The line it stands at.
    pub line: u32,
}

impl Migration {
    /// Lists the steps, those of an `each` or `when` behind it.
    #[must_use]
    pub fn outline(&self) -> Vec<Outline> {
        let mut outline = Vec::new();
        list(&self.steps, &mut outline);
        outline
    }

    /// Says whether a step speaks of an option, or of what it stands in; `*` in the place stands
    /// for any name.
    #[must_use]
    pub fn speaks_of(&self, place: &Pointer) -> bool {
        let place = Path {
            absolute: false,
            tokens: place.tokens().iter().map(|it| part(it)).collect(),
        };
        speak(&self.steps, &Path::default(), &place)
    }
}

fn part(token: &str) -> Token {
    match token {
        "*" => Token::Any,
        name => Token::key(name),
    }
}

/// Writes a place, in which `*` stands for any name, as the files of migrations do.
#[must_use]
pub fn path_of(place: &Pointer) -> String {
    let path = Path {
        absolute: false,
        tokens: place.tokens().iter().map(|it| part(it)).collect(),
    };
    path.to_string()
}

fn list(steps: &[Step], outline: &mut Vec<Outline>) {
    for step in steps {
        let about = &step.about;
        let mut places: Vec<String> = step
            .operation
            .paths()
            .iter()
            .map(ToString::to_string)
            .collect();
        if let Operation::Rename { to, .. } = &step.operation {
            places.push(to.to_string());
        }
        outline.push(Outline {
            operation: about.operation,
            places,
            why: about.why.as_deref().map(str::to_owned),
            line: about.location.start().line,
        });
        match &step.operation {
            Operation::Each { steps, .. } => list(steps, outline),
            Operation::When {
                steps, otherwise, ..
            } => {
                list(steps, outline);
                list(otherwise, outline);
            }
            _ => {}
        }
    }
}

fn speak(steps: &[Step], base: &Path, place: &Path) -> bool {
    let below = |path: &Path| Path {
        absolute: false,
        tokens: match path.absolute {
            true => path.tokens.clone(),
            false => [&base.tokens[..], &path.tokens[..]].concat(),
        },
    };
    steps.iter().any(|step| {
        let conditions = step.when.iter().flat_map(|it| it.paths()).flatten();
        let said = match &step.operation {
            // What is said of nothing in particular may be said of its condition.
            Operation::Note { at: None, text } | Operation::Manual { at: None, text } => {
                let name = place.to_string();
                text.contains(&name) || conditions.into_iter().any(|it| reaches(&below(it), place))
            }
            operation => operation
                .paths()
                .into_iter()
                .any(|it| reaches(&below(it), place)),
        };
        let inner = match &step.operation {
            Operation::Each { path, steps } => speak(steps, &below(path), place),
            Operation::When {
                condition,
                steps,
                otherwise,
            } => {
                let path = condition.path.as_ref().map(below);
                let manual = path.is_some_and(|path| {
                    let tells = |it: &Step| matches!(it.operation, Operation::Manual { .. });
                    steps.iter().chain(otherwise).any(tells) && reaches(&path, place)
                });
                manual || speak(steps, base, place) || speak(otherwise, base, place)
            }
            _ => false,
        };
        said && !matches!(step.operation, Operation::Each { .. }) || inner
    })
}

/// Says whether a path is a place, or one above it.
fn reaches(path: &Path, place: &Path) -> bool {
    if path.has_deep() {
        return path.name() == place.name() || path.name().is_none();
    }
    path.tokens.len() <= place.tokens.len()
        && path
            .tokens
            .iter()
            .zip(&place.tokens)
            .all(|(a, b)| match (a, b) {
                (Token::Key(a), Token::Key(b)) => a == b,
                _ => true,
            })
}
