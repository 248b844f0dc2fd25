use bstr::BString;

use super::configuration::{laid, layer_faults};
use super::merge::Strategies;
use super::{Configuration, MergeStrategy, ParsedFile, Resolved, Snapshot, Target};
use crate::document::{Kind, Value};
use crate::error::Result;
use crate::report::Location;
use crate::text::Pointer;

/// How one value came about: every layer there is, in order, and what each had to say.
#[derive(Debug)]
pub struct Explained {
    /// How values at this place meet, where the schema or the manifest says so.
    pub strategy: Option<MergeStrategy>,
    /// The layers, lowest precedence first.
    pub steps: Vec<Step>,
}

/// What one layer had to say about a value.
#[derive(Debug)]
pub struct Step {
    /// The layer as the manifest has it.
    pub pattern: String,
    /// Its path for the target; none where it needs a name that the target lacks.
    pub path: Option<BString>,
    /// What became of the value by it.
    pub effect: Effect,
    /// Where the layer speaks of it.
    pub location: Option<Location>,
    /// What stands there once this layer is laid over those before; none where nothing does.
    pub value: Option<Value>,
}

/// What became of a value by one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The layer needs a name that the target lacks.
    NoName,
    /// There is no such file.
    NoFile,
    /// The file cannot be read as a layer.
    Unreadable,
    /// The layer does not speak of it.
    Silent,
    /// The first to say anything.
    Sets,
    /// Another value takes the place of the one before.
    Overrides,
    /// The one before is kept, and added to.
    Adds,
    /// It says what stood there anyway.
    Repeats,
    /// It is taken away.
    Removes,
}

impl Effect {
    /// Gives the word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoName => "not for this target",
            Self::NoFile => "no such file",
            Self::Unreadable => "cannot be read",
            Self::Silent => "says nothing",
            Self::Sets => "sets",
            Self::Overrides => "overrides",
            Self::Adds => "adds to",
            Self::Repeats => "repeats",
            Self::Removes => "removes",
        }
    }
}

impl Configuration {
    /// Tells how the value at a place came about.
    ///
    /// # Errors
    ///
    /// Where the tree cannot be read.
    pub fn explain(&self, tree: &Snapshot, target: &Target, key: &Pointer) -> Result<Explained> {
        let schemas = self.schemas(tree, target)?;
        let strategies = schemas.strategies(&self.manifest().merge);
        let place = (key.tokens().iter())
            .fold(schemas.strategies(&self.manifest().merge), |at, token| {
                at.below(token)
            });
        let mut steps = Vec::new();
        let mut files = Vec::new();
        let mut before: Option<Value> = None;
        for layer in &self.manifest().layers {
            let path = layer.value.expand(target);
            let mut step = Step {
                pattern: layer.value.to_string(),
                path: path.clone(),
                effect: Effect::NoName,
                location: None,
                value: before.clone(),
            };
            if let Some(path) = path {
                match self.layer(tree, target, path.as_ref())? {
                    None => step.effect = Effect::NoFile,
                    Some(file) if !layer_faults(&file).is_empty() => {
                        step.effect = Effect::Unreadable;
                    }
                    Some(file) => {
                        let spoken = spoken(&file, key);
                        files.push(file);
                        let layers = laid(&files);
                        let resolved = Resolved::build(target.clone(), layers, &strategies);
                        let after = resolved.value().at(key).cloned();
                        step.effect = effect(spoken.is_some(), before.as_ref(), after.as_ref());
                        step.location = spoken;
                        step.value.clone_from(&after);
                        before = after;
                    }
                }
            }
            steps.push(step);
        }
        Ok(Explained {
            strategy: place.here(),
            steps,
        })
    }
}

/// Finds where a file speaks of a place: where it sets it, or something above that is no map.
fn spoken(file: &ParsedFile, key: &Pointer) -> Option<Location> {
    let document = file.documents().first()?;
    let mut value = &*document.root;
    if value.is_null() {
        return None;
    }
    for token in key.tokens() {
        let next = value.child(token);
        match (next, &value.kind) {
            (Some(next), _) => value = next,
            (None, Kind::Object(_)) => return None,
            // It takes the place of all that stood below.
            (None, _) => break,
        }
    }
    Some(file.place(value).with_pointer(key.clone()))
}

fn effect(speaks: bool, before: Option<&Value>, after: Option<&Value>) -> Effect {
    match (before, after) {
        (None, None) => Effect::Silent,
        (Some(_), Some(_)) if before == after => match speaks {
            true => Effect::Repeats,
            false => Effect::Silent,
        },
        (None, Some(_)) => Effect::Sets,
        (Some(_), None) => Effect::Removes,
        (Some(before), Some(after)) if is_kept(before, after) => Effect::Adds,
        _ => Effect::Overrides,
    }
}

/// Says whether all that a map or list held is still there.
fn is_kept(before: &Value, after: &Value) -> bool {
    match (&before.kind, &after.kind) {
        (Kind::Object(before), Kind::Object(after)) => before
            .iter()
            .all(|(key, value)| after.get(key) == Some(value)),
        (Kind::Array(before), Kind::Array(after)) => after.starts_with(before),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scratch;

    fn told(key: &str, environment: Option<&str>) -> String {
        let scratch = Scratch::new();
        scratch.write(
            "strata.yaml",
            "strata: 1
schemas: [schema.yaml]
layers: [base.yaml, 'providers/{provider}.yaml', 'env/{environment}.yaml', none.yaml, list.yaml, last.yaml]
environments: { prod: { provider: aws }, dev: {} }
",
        );
        scratch.write("schema.yaml", "properties: { tags: { x-merge: append } }\n");
        scratch.write(
            "base.yaml",
            "a: 1\nm: { x: 1 }\ntags: [one]\ngone: 1\ndeep: { a: { b: 1 } }\n",
        );
        scratch.write("providers/aws.yaml", "a: 2\nm: { y: 2 }\ndeep: 7\n");
        scratch.write("env/prod.yaml", "a: 2.0\ntags: [two]\ngone: null\n");
        scratch.write("list.yaml", "- 1\n");
        scratch.write("last.yaml", "m: { x: 3 }\n");
        scratch.commit("start");
        let repo = scratch.repo();
        let here = Snapshot::of_work_tree(&repo).unwrap();
        let configuration = Configuration::open(Some(repo), here).unwrap();
        let target = configuration.target(environment, None).unwrap();
        let key = key.parse().unwrap();
        let explained = configuration
            .explain(configuration.here(), &target, &key)
            .unwrap();
        let strategy = explained.strategy.map(|it| format!("by {it}\n"));
        let steps = explained.steps.iter().map(|step| {
            let line = step
                .location
                .as_ref()
                .map_or(String::new(), |it| format!(":{}", it.start().line));
            let value = step
                .value
                .as_ref()
                .map_or("-".to_owned(), crate::document::write_flow);
            format!("{}{line} {} {value}\n", step.pattern, step.effect.as_str())
        });
        strategy.into_iter().chain(steps).collect()
    }

    #[test]
    fn each_layer_says_what_it_does_to_a_value() {
        insta::assert_snapshot!(told("a", Some("prod")), @"
        base.yaml:1 sets 1
        providers/{provider}.yaml:1 overrides 2
        env/{environment}.yaml:1 repeats 2.0
        none.yaml no such file 2.0
        list.yaml cannot be read 2.0
        last.yaml says nothing 2.0
        ");
        insta::assert_snapshot!(told("m", Some("prod")), @r#"
        base.yaml:2 sets {x: 1}
        providers/{provider}.yaml:2 adds to {x: 1, "y": 2}
        env/{environment}.yaml says nothing {x: 1, "y": 2}
        none.yaml no such file {x: 1, "y": 2}
        list.yaml cannot be read {x: 1, "y": 2}
        last.yaml:1 overrides {x: 3, "y": 2}
        "#);
        insta::assert_snapshot!(told("tags", Some("prod")), @"
        by append
        base.yaml:3 sets [one]
        providers/{provider}.yaml says nothing [one]
        env/{environment}.yaml:2 adds to [one, two]
        none.yaml no such file [one, two]
        list.yaml cannot be read [one, two]
        last.yaml says nothing [one, two]
        ");
        insta::assert_snapshot!(told("gone", Some("prod")), @"
        base.yaml:4 sets 1
        providers/{provider}.yaml says nothing 1
        env/{environment}.yaml:3 removes -
        none.yaml no such file -
        list.yaml cannot be read -
        last.yaml says nothing -
        ");
        insta::assert_snapshot!(told("deep.a.b", Some("prod")), @"
        base.yaml:5 sets 1
        providers/{provider}.yaml:3 removes -
        env/{environment}.yaml says nothing -
        none.yaml no such file -
        list.yaml cannot be read -
        last.yaml says nothing -
        ");
        insta::assert_snapshot!(told("tags", Some("dev")), @"
        by append
        base.yaml:3 sets [one]
        providers/{provider}.yaml not for this target [one]
        env/{environment}.yaml no such file [one]
        none.yaml no such file [one]
        list.yaml cannot be read [one]
        last.yaml says nothing [one]
        ");
    }
}
