//! What undoes a migration.

use smol_str::SmolStr;

use super::condition::Condition;
use super::path::Path;
use super::step::{
    Divide, Division, IfExists, Join, Migration, Operation, Otherwise, Prune, Scalar, Step,
};
use crate::document::Value;
use crate::report::Location;

/// Why a migration cannot be undone.
#[derive(Clone, Debug, thiserror::Error)]
#[error("step {number} (`{operation}`) at line {line} cannot be undone: {why}")]
pub struct Irreversible {
    /// The step's number in the file.
    pub number: usize,
    /// What it does.
    pub operation: &'static str,
    /// The line it stands at.
    pub line: u32,
    /// Why, in a phrase.
    pub why: String,
    /// Where it stands.
    pub location: Location,
}

impl Migration {
    /// Gives the migration that undoes this one, for documents of the version it carries to.
    ///
    /// # Errors
    ///
    /// The first step that nothing undoes.
    pub fn inverse(&self) -> Result<Self, Box<Irreversible>> {
        Ok(Self {
            steps: inverse_of(&self.steps)?,
            ..self.clone()
        })
    }
}

fn inverse_of(steps: &[Step]) -> Result<Vec<Step>, Box<Irreversible>> {
    let mut inverse = Vec::with_capacity(steps.len());
    for step in steps.iter().rev() {
        inverse.extend(step.inverse()?);
    }
    Ok(inverse)
}

impl Step {
    fn inverse(&self) -> Result<Vec<Self>, Box<Irreversible>> {
        if let Some(steps) = &self.inverse {
            return Ok(steps.clone());
        }
        let no = |why: &str| {
            let about = &self.about;
            Box::new(Irreversible {
                number: about.number,
                operation: about.operation,
                line: about.location.start().line,
                why: why.to_owned(),
                location: about.location.clone(),
            })
        };
        if let Some(when) = &self.when
            && self.may_change(when)
        {
            return Err(no("its condition looks at what it changes"));
        }
        let operations = match &self.operation {
            Operation::When {
                condition,
                steps,
                otherwise,
            } => {
                if steps
                    .iter()
                    .chain(otherwise)
                    .any(|it| it.may_change(condition))
                {
                    return Err(no("its condition looks at what its steps change"));
                }
                vec![Operation::When {
                    condition: condition.clone(),
                    steps: inverse_of(steps)?,
                    otherwise: inverse_of(otherwise)?,
                }]
            }
            Operation::Each { path, steps } => {
                let moves_itself = |step: &Self| {
                    let paths = step.operation.paths();
                    paths.iter().any(|it| it.absolute || it.tokens.is_empty())
                };
                if path.has_deep() || steps.iter().any(moves_itself) {
                    return Err(no("its steps may move the places that it goes over"));
                }
                vec![Operation::Each {
                    path: path.clone(),
                    steps: inverse_of(steps)?,
                }]
            }
            operation => operation.inverse().map_err(no)?,
        };
        let steps = operations.into_iter().map(|it| self.undoing(it));
        Ok(steps.collect())
    }

    /// Says whether doing the step may change whether a condition holds.
    fn may_change(&self, condition: &Condition) -> bool {
        if condition.looks_everywhere() {
            return true;
        }
        let here = condition.paths();
        let own = self.operation.paths();
        let meets = |other: &Path| own.iter().any(|own| own.may_meet(other));
        let inner: &[&[Self]] = match &self.operation {
            Operation::When {
                steps, otherwise, ..
            } => &[steps, otherwise],
            Operation::Each { .. } => return true,
            Operation::Note { .. } | Operation::Manual { .. } => return false,
            _ => &[],
        };
        here.iter().any(|path| path.is_none_or(meets))
            || inner
                .iter()
                .copied()
                .flatten()
                .any(|it| it.may_change(condition))
    }
}

impl Operation {
    /// Gives what undoes an operation that has no steps of its own; or why nothing does.
    fn inverse(&self) -> Result<Vec<Self>, &'static str> {
        Ok(match self {
            Self::Rename {
                path,
                to,
                if_exists: IfExists::Stop,
            } => {
                let (Some(above), Some(name)) = (path.parent(), path.name()) else {
                    return Err("it names no entry");
                };
                vec![Self::Rename {
                    path: above.join(to),
                    to: name.clone(),
                    if_exists: IfExists::Stop,
                }]
            }
            Self::Move {
                path,
                to,
                if_exists: IfExists::Stop,
                ..
            } => {
                if !turns(path, to) {
                    return Err("several places go to one");
                }
                vec![Self::Move {
                    path: to.clone(),
                    to: path.clone(),
                    if_exists: IfExists::Stop,
                    keep_empty: false,
                }]
            }
            Self::Rename { .. } | Self::Move { .. } => {
                return Err("what stood at the new place may be lost");
            }
            Self::Copy {
                path,
                to,
                if_exists: IfExists::Stop,
            } if turns(path, to) => vec![Self::RemoveCopy {
                path: to.clone(),
                of: path.clone(),
            }],
            Self::Copy { .. } => return Err("what stood at the new place may be lost"),
            Self::RemoveCopy { path, of } => vec![Self::Copy {
                path: of.clone(),
                to: path.clone(),
                if_exists: IfExists::Stop,
            }],
            Self::Remove {
                path,
                was: Some(was),
                ..
            } if path.name().is_some() => vec![Self::Add {
                path: path.clone(),
                value: was.clone(),
                create: false,
            }],
            Self::Remove { was: Some(_), .. } => return Err("its path does not end with a name"),
            Self::Remove { .. } => return Err("`was` does not say what it took out"),
            Self::Add {
                path,
                value,
                create,
            } => vec![remove(path, value, *create)],
            Self::PinDefault {
                path,
                value: Some(value),
            } => vec![remove(path, value, true)],
            Self::PinDefault { value: None, .. } => {
                return Err("`value` does not say what it added");
            }
            Self::MapValues {
                path,
                values,
                loose,
                otherwise: Otherwise::Keep | Otherwise::Stop,
            } => vec![Self::MapValues {
                path: path.clone(),
                values: turned(values, *loose)?,
                loose: false,
                otherwise: Otherwise::Keep,
            }],
            Self::MapValues { .. } => return Err("several values become one"),
            Self::Convert { path, conversion } => vec![Self::Convert {
                path: path.clone(),
                conversion: conversion
                    .inverse()
                    .ok_or("several values become one, or are written another way")?,
            }],
            Self::Wrap { path, key } => vec![Self::Unwrap {
                path: path.clone(),
                key: key.clone(),
            }],
            Self::Unwrap { path, key } => vec![Self::Wrap {
                path: path.clone(),
                key: key.clone(),
            }],
            Self::Split {
                path,
                division:
                    Division {
                        by: Divide::By(by),
                        into,
                        types,
                        trim: false,
                    },
            } => vec![unsplit(path, by, into.as_deref(), types)?],
            Self::Split { .. } => return Err("parts of the text may be lost"),
            Self::Merge {
                paths,
                into,
                join: Join::Text(with),
                types,
            } => {
                if with.is_empty() || !paths.iter().all(|path| turns(path, into)) {
                    return Err("where the parts begin cannot be told");
                }
                let named = |path: &Path| (path.name().cloned().unwrap_or_default(), path.clone());
                vec![Self::Split {
                    path: into.clone(),
                    division: Division {
                        by: Divide::By(with.clone()),
                        into: Some(paths.iter().map(named).collect()),
                        types: types.clone(),
                        trim: false,
                    },
                }]
            }
            Self::Merge { .. } => return Err("what came from where cannot be told"),
            Self::Hoist {
                path,
                prefix,
                only: Some(only),
            } => {
                let above = path.parent().ok_or("it names no entry")?;
                let names = only
                    .iter()
                    .map(|name| above.join(&format!("{prefix}{name}")));
                vec![Self::Plunge {
                    paths: names.collect(),
                    into: path.clone(),
                    strip: prefix.clone(),
                }]
            }
            Self::Hoist { only: None, .. } => return Err("`only` does not say what it moved"),
            Self::Plunge { paths, into, strip } => {
                let mut moves = Vec::new();
                for path in paths {
                    let name: &SmolStr = path.name().ok_or("it names no entry")?;
                    let inner = name.strip_prefix(strip.as_str()).unwrap_or(name);
                    if !turns(path, into) {
                        return Err("several places go to one");
                    }
                    moves.push(Self::Move {
                        path: into.join(inner),
                        to: path.clone(),
                        if_exists: IfExists::Stop,
                        keep_empty: false,
                    });
                }
                moves
            }
            Self::ToMap { path, key, value } => vec![Self::ToList {
                path: path.clone(),
                key: key.clone(),
                value: value.clone(),
            }],
            Self::ToList { path, key, value } => vec![Self::ToMap {
                path: path.clone(),
                key: key.clone(),
                value: value.clone(),
            }],
            Self::Note { .. } | Self::Manual { .. } => Vec::new(),
            Self::Set { .. } => return Err("what stood there is not known"),
            Self::RegexReplace { .. } => return Err("what a pattern replaced is not known"),
            Self::Cel { .. } => return Err("an expression cannot be turned round"),
            Self::Each { .. } | Self::When { .. } => return Err("it has steps of its own"),
        })
    }
}

fn remove(path: &Path, value: &Value, create: bool) -> Operation {
    Operation::Remove {
        path: path.clone(),
        was: Some(value.clone()),
        undo: Some(if create { Prune::Remove } else { Prune::Keep }),
    }
}

fn unsplit(
    path: &Path,
    by: &SmolStr,
    into: Option<&[(SmolStr, Path)]>,
    types: &[Scalar],
) -> Result<Operation, &'static str> {
    let Some(into) = into else {
        return Err("a list is joined only by `inverse`");
    };
    if !into.iter().all(|(_, to)| turns(path, to)) {
        return Err("several places go to one");
    }
    Ok(Operation::Merge {
        paths: into.iter().map(|(_, to)| to.clone()).collect(),
        into: path.clone(),
        join: Join::Text(by.clone()),
        types: types.to_vec(),
    })
}

/// Says whether what goes from one path to another finds its way back.
fn turns(from: &Path, to: &Path) -> bool {
    from.absolute == to.absolute && from.stars() == to.stars() && from.has_deep() == to.has_deep()
}

/// Turns pairs of values round, if each new one stands for one old one.
fn turned(values: &[(Value, Value)], loose: bool) -> Result<Vec<(Value, Value)>, &'static str> {
    let reads_otherwise = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        !crate::document::is_string_everywhere(text)
    };
    if loose && values.iter().any(|(from, _)| reads_otherwise(from)) {
        return Err("the types of the old values are not known; write them as a list of pairs");
    }
    for (index, (_, to)) in values.iter().enumerate() {
        if values[..index].iter().any(|(_, other)| other == to) {
            return Err("several values become one");
        }
    }
    let turned = values.iter().map(|(from, to)| (to.clone(), from.clone()));
    Ok(turned.collect())
}
