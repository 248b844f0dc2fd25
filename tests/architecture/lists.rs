//! What CONTRIBUTING's checklists ask of a new command and of a new rule.

use std::collections::BTreeMap;

use strata::report::Rule;

use super::source::{Kind, Source};
use super::tree::Tree;

/// Commands whose answer has no JSON, and why.
const WITHOUT_SCHEMA: &[(&str, &str)] = &[
    ("diff-driver", "it answers as `diff` does, or with lines"),
    ("merge-driver", "Git asks it for a file and a status"),
    ("textconv", "it prints a file in another form"),
    ("util", "it prints scripts, pages and schemas"),
];

/// The commands of `src/cli/mod.rs`, as one types them.
pub(super) fn commands(cli: &Source) -> Vec<String> {
    let tokens = &cli.tokens;
    let opens = |at: usize| {
        tokens[at].text == "enum" && tokens[at + 1].text == "Command" && tokens[at + 2].text == "{"
    };
    let Some(start) = (0..tokens.len().saturating_sub(2)).find(|&at| opens(at)) else {
        return Vec::new();
    };
    let body = tokens[start + 3..].iter();
    let body: Vec<_> = body
        .take_while(|token| token.kind != Kind::Sign || token.text != "}")
        .collect();
    body.windows(2)
        .filter(|pair| pair[0].text.starts_with(char::is_uppercase) && pair[1].text == "(")
        .map(|pair| kebab(&pair[0].text))
        .collect()
}

fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.extend(letter.to_lowercase());
    }
    kebab
}

/// Which command lacks a paragraph, a line of the change log, or a published schema.
pub(super) fn command_faults(
    commands: &[String],
    readme: &str,
    changes: &str,
    bodies: &Source,
) -> Vec<String> {
    let mut faults = Vec::new();
    if commands.is_empty() {
        faults.push("src/cli/mod.rs has no `enum Command` with a variant a command".to_owned());
    }
    let mut typed = BTreeMap::new();
    for command in commands {
        typed.insert(command, format!("git strata {command}"));
    }
    for (command, typed) in typed {
        // The first command of the README is run by Cargo.
        if !mentions(readme, &typed) && !mentions(readme, &format!("-- {command}")) {
            faults.push(format!(
                "README.md says nothing of `{typed}`: add a paragraph with an example that works \
                 in the shop of `git strata demo`"
            ));
        }
        if !mentions(changes, &typed) {
            faults.push(format!(
                "CHANGELOG.md says nothing of `{typed}`: add a line"
            ));
        }
        let schema = bodies
            .tokens
            .iter()
            .any(|token| token.kind == Kind::Text && token.text == *command);
        if !schema && !WITHOUT_SCHEMA.iter().any(|(known, _)| known == command) {
            faults.push(format!(
                "`{typed}` has no published schema: add its body to BODIES in src/cli/util.rs"
            ));
        }
    }
    faults
}

/// Whether a text holds a command, and not only a longer word that starts like it.
fn mentions(text: &str, command: &str) -> bool {
    text.match_indices(command).any(|(at, _)| {
        let next = text[at + command.len()..].chars().next();
        !next.is_some_and(|next| next.is_alphanumeric() || next == '-')
    })
}

/// A rule as a source file declares it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Declared {
    pub(super) id: String,
    /// The name of the `static`.
    pub(super) name: String,
    pub(super) file: String,
}

/// The rules that are declared outside tests: `static NAME: Rule = Rule { id: "…", … }`, `rule!(NAME, "…", …)`,
/// or `NAME = "…", …;` in a macro named `catalogue`.
pub(super) fn declared(tree: &Tree) -> Vec<Declared> {
    let mut declared = Vec::new();
    for source in &tree.sources {
        let tokens: Vec<_> = source.code_tokens().collect();
        let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
        let mut add = |id: &str, name: &str| {
            declared.push(Declared {
                id: id.to_owned(),
                name: name.to_owned(),
                file: source.path.clone(),
            });
        };
        let mut catalogue = None;
        let mut depth = 0_usize;
        for at in 0..tokens.len() {
            match (tokens[at].kind, text(at)) {
                (Kind::Sign, "{") => depth += 1,
                (Kind::Sign, "}") => {
                    depth = depth.saturating_sub(1);
                    catalogue = catalogue.filter(|opened| *opened < depth);
                }
                (Kind::Word, "catalogue") if text(at + 1) == "!" && text(at + 2) == "{" => {
                    catalogue = Some(depth);
                }
                // A table of rules: `rule!(NAME, "id", …)`.
                (Kind::Word, "rule") if text(at + 1) == "!" && text(at + 2) == "(" => {
                    add(text(at + 5), text(at + 3));
                }
                (Kind::Word, "static") => {
                    let end = (at + 2..tokens.len()).find(|&end| matches!(text(end), "=" | ";"));
                    let end = end.unwrap_or(tokens.len());
                    let is_rule = text(at + 2) == ":"
                        && text(end.saturating_sub(1)) == "Rule"
                        && text(at + 3) != "&"
                        && text(at + 3) != "[";
                    let id = (end..end + 12)
                        .find(|&at| text(at) == "id" && text(at + 1) == ":")
                        .map(|at| at + 2);
                    if let Some(id) = id
                        && is_rule
                        && tokens.get(id).is_some_and(|token| token.kind == Kind::Text)
                    {
                        add(text(id), text(at + 1));
                    }
                }
                (Kind::Word, name)
                    if catalogue.is_some()
                        && text(at + 1) == "="
                        && tokens
                            .get(at + 2)
                            .is_some_and(|token| token.kind == Kind::Text) =>
                {
                    add(text(at + 2), name);
                }
                _ => {}
            }
        }
    }
    declared
}

/// What is wrong with a rule itself.
pub(super) fn rule_faults(rules: &[&Rule]) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, rule) in rules.iter().enumerate() {
        let id = rule.id;
        let word = |word: &str| {
            !word.is_empty()
                && word
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        if !id.split('-').all(word) {
            faults.push(format!("the rule id `{id}` is not in kebab-case"));
        }
        if rules[..at].iter().any(|other| other.id == id) {
            faults.push(format!("two rules are named `{id}`"));
        }
        if rule.summary.is_empty()
            || rule.summary.ends_with('.')
            || rule.summary.contains('\n')
            || rule
                .summary
                .starts_with(|c: char| c.is_uppercase() && c.is_alphabetic())
                && !rule.summary.chars().nth(1).is_some_and(char::is_uppercase)
        {
            faults.push(format!(
                "the summary of `{id}` is not one phrase, lower case first, without a full stop: \
                 {}",
                rule.summary
            ));
        }
        if rule.docs.trim().is_empty() || !rule.docs.contains("```") {
            faults.push(format!(
                "the docs of `{id}` show no example: add a fenced block"
            ));
        }
    }
    faults
}

/// Which declared rule is not among those that the tool knows, or has no test.
pub(super) fn declared_faults(
    declared: &[Declared],
    known: &[&Rule],
    tests: &Tests,
) -> Vec<String> {
    let mut faults = Vec::new();
    for rule in declared {
        let Declared { id, name, file } = rule;
        if !known.iter().any(|known| known.id == id) {
            faults.push(format!(
                "{file} declares the rule `{id}`, which `strata::ops::rules()` does not list: add \
                 {name} to the RULES of its module"
            ));
        }
        if !tests.name(id, name) {
            faults.push(format!(
                "{file} declares the rule `{id}`, which no test and no fixture names: add a test \
                 `…{}…` that breaks it",
                id.replace('-', "_")
            ));
        }
    }
    for rule in known {
        if !declared.iter().any(|declared| declared.id == rule.id) {
            faults.push(format!(
                "the rule `{}` is declared in a form that tests/architecture/lists.rs does not \
                 read: `static NAME: Rule = Rule {{ id: \"…\", … }}`",
                rule.id
            ));
        }
    }
    faults
}

/// Everything that tests say: their strings, words and the names of fixtures.
#[derive(Default)]
pub(super) struct Tests {
    words: std::collections::BTreeSet<String>,
}

impl Tests {
    /// Adds the test code of a source file.
    pub(super) fn add(&mut self, source: &Source) {
        for token in &source.tokens {
            if source.test || token.test {
                self.add_text(&token.text);
            }
        }
    }

    /// Adds every word of a text; words may hold `-` and `_`.
    pub(super) fn add_text(&mut self, text: &str) {
        let split = |c: char| !(c.is_alphanumeric() || c == '-' || c == '_');
        for word in text.split(split).filter(|word| word.len() > 2) {
            self.words.insert(word.to_owned());
        }
    }

    fn name(&self, id: &str, name: &str) -> bool {
        let snake = id.replace('-', "_");
        self.words.contains(id)
            || self.words.contains(name)
            || self.words.iter().any(|word| word.contains(&snake))
    }
}
