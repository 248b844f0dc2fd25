use indexmap::IndexMap;
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::compare::{Change, Comparison};
use super::each::{self, CommitReport};
use super::impact::{Affected, InstanceCount};
use super::policy::Policy;
use super::verdict::{Bump, Verdict};
use crate::document::write_flow;
use crate::report::{Block, Location, Severity, TreeNode, View};
use crate::text::Pointer;

/// What `compat` answers: each schema, what changed in it, and what that asks for.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CompatBody {
    /// The schemas that were compared, by path.
    pub schemas: Vec<SchemaReport>,
    /// The worst verdict of all.
    pub verdict: Verdict,
    /// The largest bump that any asks for.
    pub bump: Bump,
    /// The policies in force.
    pub policy: Policy,
    /// Each commit that changed a schema, oldest first, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commits: Option<Vec<CommitReport>>,
}

/// One schema, compared.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SchemaReport {
    /// Its path on the new side; on the old one where it is gone.
    pub path: String,
    /// The old side.
    pub old: SideReport,
    /// The new side.
    pub new: SideReport,
    /// The worst verdict of its changes.
    pub verdict: Verdict,
    /// The largest bump that a change asks for.
    pub bump: Bump,
    /// What changed, the worst first.
    pub changes: Vec<Change>,
    /// How many configurations in the repository are concerned, where these were looked at.
    pub instances: Option<InstanceCount>,
    /// The places in them that are.
    pub affected: Vec<Affected>,
}

/// One side of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SideReport {
    /// The revision as the user named it; none for the work tree or a file.
    pub revision: Option<String>,
    /// The version that a tag gives it.
    pub version: Option<String>,
    /// The path there, where it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl CompatBody {
    /// Puts reports together.
    #[must_use]
    pub fn new(schemas: Vec<SchemaReport>, policy: Policy) -> Self {
        Self {
            verdict: schemas.iter().map(|s| s.verdict).max().unwrap_or_default(),
            bump: schemas.iter().map(|s| s.bump).max().unwrap_or_default(),
            schemas,
            policy,
            commits: None,
        }
    }
}

impl SchemaReport {
    /// Takes a comparison in.
    #[must_use]
    pub fn of(path: String, old: SideReport, new: SideReport, comparison: Comparison) -> Self {
        let (instances, affected) = match comparison.impact {
            Some(impact) => (Some(impact.instances), impact.affected),
            None => (None, Vec::new()),
        };
        Self {
            path,
            old,
            new,
            verdict: comparison.verdict,
            bump: comparison.bump,
            changes: comparison.changes,
            instances,
            affected,
        }
    }
}

/// A place as JSON gives it.
#[derive(Serialize)]
struct PlaceReport<'a> {
    file: &'a str,
    revision: Option<&'a str>,
    line: u32,
    column: u32,
}

impl<'a> PlaceReport<'a> {
    fn of(location: &'a Location) -> Self {
        let start = location.start();
        Self {
            file: location.source.name(),
            revision: location.source.revision(),
            line: start.line,
            column: start.column,
        }
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = |value: &Option<crate::document::Value>| {
            value.as_ref().map(crate::document::Value::to_json)
        };
        let mut out = serializer.serialize_struct("Change", 14)?;
        out.serialize_field("rule", self.rule.id())?;
        out.serialize_field("verdict", &self.verdict)?;
        out.serialize_field("bump", &self.bump)?;
        out.serialize_field("pointer", &self.pointer)?;
        out.serialize_field("also_at", &self.also_at)?;
        out.serialize_field("old", &json(&self.old))?;
        out.serialize_field("new", &json(&self.new))?;
        out.serialize_field("message", &self.message)?;
        out.serialize_field("help", &self.help)?;
        let before = self.old_location.as_ref().map(PlaceReport::of);
        let after = self.new_location.as_ref().map(PlaceReport::of);
        out.serialize_field("old_location", &before)?;
        out.serialize_field("new_location", &after)?;
        out.serialize_field("witness", &self.witness)?;
        out.serialize_field("migration", &self.migration)?;
        out.serialize_field("accepted", &self.accepted)?;
        out.end()
    }
}

/// How many changes of the mildest kind are shown to a person.
const SHOWN: usize = 12;

impl View for CompatBody {
    fn view(&self) -> Vec<Block> {
        if self.schemas.is_empty() && self.commits.as_ref().is_none_or(Vec::is_empty) {
            return vec![Block::Text("no schema changed".to_owned())];
        }
        let mut blocks = Vec::new();
        for schema in &self.schemas {
            blocks.push(Block::Heading(schema.path.clone()));
            let loud = |change: &&Change| change.severity() == Severity::Error;
            let mut breaks = schema.changes.iter().filter(loud).peekable();
            let agreed = breaks.peek().is_some() && breaks.all(|it| it.accepted.is_some());
            blocks.push(Block::Text(format!(
                "{}{}; asks for {}",
                schema.verdict,
                if agreed { ", and accepted" } else { "" },
                match schema.bump {
                    Bump::None => "no release".to_owned(),
                    bump => format!("a {bump} version"),
                }
            )));
            let groups = [
                Verdict::Breaking,
                Verdict::Unknown,
                Verdict::Risk,
                Verdict::Compatible,
            ];
            let tree: Vec<TreeNode> = groups
                .into_iter()
                .filter_map(|verdict| group(schema, verdict))
                .collect();
            if !tree.is_empty() {
                blocks.push(Block::Tree(tree));
            }
            blocks.extend(concerned(schema));
        }
        if let Some(commits) = self.commits.as_ref().filter(|commits| !commits.is_empty()) {
            blocks.push(Block::Heading("Commits".to_owned()));
            blocks.push(each::table(commits));
        }
        if self.schemas.len() > 1 {
            blocks.push(Block::Text(format!(
                "{} schemas: {}; bump: {}",
                self.schemas.len(),
                self.verdict,
                self.bump
            )));
        }
        blocks
    }
}

/// Shows the places in configurations that are concerned.
fn concerned(schema: &SchemaReport) -> Option<Block> {
    let instances = schema.instances.as_ref().filter(|it| it.checked > 0)?;
    // One line of a file may be in many targets.
    let mut lines: IndexMap<String, Vec<String>> = IndexMap::new();
    for place in &schema.affected {
        let at = &place.location;
        let mut text = format!("{}:{}", at.source.name(), at.start().line);
        if let Some(revision) = at.source.revision() {
            text.push_str(&format!(" (at {revision})"));
        }
        let name = match place.pointer.is_root() {
            true => "all of it".to_owned(),
            false => format!("`{}`", place.pointer.dotted()),
        };
        text.push_str(&format!(" {name} {}", place.effect.words()));
        let target: Vec<&str> = [&place.environment, &place.service]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let targets = lines.entry(text).or_default();
        if !target.is_empty() {
            targets.push(target.join("/"));
        }
    }
    let count = lines.len();
    let mut children: Vec<TreeNode> = Vec::new();
    for (mut text, targets) in lines.into_iter().take(SHOWN) {
        match &targets[..] {
            [] => {}
            few if few.len() < 4 => text.push_str(&format!(" in {}", few.join(", "))),
            [first, rest @ ..] => text.push_str(&format!(" in {first} and {} more", rest.len())),
        }
        children.push(TreeNode {
            text,
            children: Vec::new(),
        });
    }
    if count > SHOWN {
        children.push(TreeNode {
            text: format!("and {} more places", count - SHOWN),
            children: Vec::new(),
        });
    }
    Some(Block::Tree(vec![TreeNode {
        text: instances.words(),
        children,
    }]))
}

fn group(schema: &SchemaReport, verdict: Verdict) -> Option<TreeNode> {
    let changes: Vec<&Change> = (schema.changes.iter())
        .filter(|change| change.verdict == verdict)
        .collect();
    if changes.is_empty() {
        return None;
    }
    let limit = if verdict == Verdict::Compatible {
        SHOWN
    } else {
        usize::MAX
    };
    let mut children: Vec<TreeNode> = changes.iter().take(limit).map(|c| node(c)).collect();
    if changes.len() > limit {
        children.push(TreeNode {
            text: format!("and {} more", changes.len() - limit),
            children: Vec::new(),
        });
    }
    Some(TreeNode {
        text: format!("{verdict} ({})", changes.len()),
        children,
    })
}

fn node(change: &Change) -> TreeNode {
    let leaf = |text: String| TreeNode {
        text,
        children: Vec::new(),
    };
    let mut children = Vec::new();
    if !change.also_at.is_empty() {
        let places: Vec<String> = change.also_at.iter().take(3).map(Pointer::dotted).collect();
        let more = change.also_at.len().saturating_sub(3);
        let more = if more > 0 {
            format!(" and {more} more places")
        } else {
            String::new()
        };
        children.push(leaf(format!("also at {}{more}", places.join(", "))));
    }
    if let Some(accepted) = &change.accepted {
        let by = match &accepted.owner {
            Some(owner) => format!(" by {owner}"),
            None => String::new(),
        };
        let until = accepted.expires;
        children.push(leaf(format!(
            "accepted{by} until {until}: {}",
            accepted.reason
        )));
    }
    if let Some(migration) = &change.migration {
        children.push(leaf(format!("to do: {}", migration.words())));
    }
    if let Some(witness) = &change.witness {
        let word = match witness.kind {
            super::WitnessKind::Rejected => "refused now",
            super::WitnessKind::Ignored => "accepted, and partly ignored",
        };
        children.push(leaf(format!("{word}: {}", write_flow(&witness.document))));
    }
    TreeNode {
        text: format!("{} [{}]", change.message, change.rule.id()),
        children,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::accepted::AcceptedBreak;
    use super::super::impact::{Effect, Impact};
    use super::super::tests::of;
    use super::super::{Comparison, Profile};
    use super::*;
    use crate::text::{Source, Span};

    fn report(comparison: Comparison) -> SchemaReport {
        let side = SideReport::default;
        SchemaReport::of("app.yaml".to_owned(), side(), side(), comparison)
    }

    /// Draws reports, a line a node.
    fn drawn(schemas: Vec<SchemaReport>) -> String {
        fn write(nodes: &[TreeNode], depth: usize, out: &mut String) {
            for node in nodes {
                out.push_str(&format!("{}{}\n", "  ".repeat(depth), node.text));
                write(&node.children, depth + 1, out);
            }
        }
        let mut out = String::new();
        for block in CompatBody::new(schemas, Policy::default()).view() {
            match block {
                Block::Heading(text) | Block::Text(text) => out.push_str(&format!("{text}\n")),
                Block::Tree(nodes) => write(&nodes, 0, &mut out),
                _ => {}
            }
        }
        out
    }

    #[test]
    fn schemas_without_changes_ask_for_no_release() {
        let same = || report(of("true\n", "true\n", Profile::Default));
        insta::assert_snapshot!(drawn(vec![same(), same()]), @"
        app.yaml
        compatible; asks for no release
        app.yaml
        compatible; asks for no release
        2 schemas: compatible; bump: none
        ");
    }

    #[test]
    fn many_new_options_are_counted() {
        let options: Vec<String> = (10..30).map(|at| format!("o{at}: {{}}")).collect();
        let new = format!(
            "properties: {{{}}}\nadditionalProperties: false\n",
            options.join(", ")
        );
        let old = "additionalProperties: false\n";
        let text = drawn(vec![report(of(old, &new, Profile::Default))]);
        assert!(
            text.contains("the option `o21` is new [option-added-optional]\n  and 8 more\n"),
            "{text}"
        );
    }

    #[test]
    fn further_places_and_who_agreed_are_told() {
        let of_five = |maximum: u32| {
            let used =
                ["a", "b", "c", "d", "e"].map(|name| format!("{name}: {{$ref: '#/$defs/n'}}"));
            format!(
                "properties: {{{}}}\n$defs: {{n: {{maximum: {maximum}}}}}\n",
                used.join(", ")
            )
        };
        let mut comparison = of(&of_five(9), &of_five(8), Profile::Default);
        comparison.changes[0].accepted = Some(AcceptedBreak {
            rule: String::new(),
            schema: String::new(),
            path: Pointer::root(),
            location: Location::file(&Arc::new(Source::new("", ""))),
            reason: "nobody sets it".to_owned(),
            owner: None,
            expires: "2030-12-31".parse().unwrap(),
        });
        let text = drawn(vec![report(comparison)]);
        assert!(
            text.contains("    also at b, c, d and 1 more places\n"),
            "{text}"
        );
        assert!(
            text.contains("    accepted until 2030-12-31: nobody sets it\n"),
            "{text}"
        );
    }

    #[test]
    fn configurations_that_are_concerned_are_shown_up_to_a_number() {
        let text: String = (0..15).map(|at| format!("a{at}: 9\n")).collect();
        let source = Arc::new(Source::new("config.yaml", text.as_str()).at_revision("v1"));
        let mut comparison = of("maximum: 9\n", "maximum: 8\n", Profile::Default);
        let place = |line: usize, environment: usize| {
            let at = text.match_indices('a').nth(line).unwrap().0;
            Affected {
                location: Location::new(&source, Span::at(u32::try_from(at).unwrap())),
                pointer: Pointer::root().join(format!("a{line}")),
                environment: Some(format!("e{environment}")),
                service: None,
                effect: Effect::Refused,
                rule: None,
            }
        };
        let mut affected: Vec<Affected> = (0..15).map(|line| place(line, 0)).collect();
        affected.extend((1..5).map(|environment| place(0, environment)));
        let instances = InstanceCount {
            checked: 1,
            affected: 1,
            refused: 1,
            unread: vec!["prod".to_owned(), "test".to_owned()],
            ..InstanceCount::default()
        };
        comparison.impact = Some(Impact {
            instances,
            affected,
        });
        let text = drawn(vec![report(comparison)]);
        for part in [
            "1 of 1 configuration here is concerned, 1 refused; prod, test not to be read\n",
            "  config.yaml:1 (at v1) `a0` is refused from now on in e0 and 4 more\n",
            "  config.yaml:2 (at v1) `a1` is refused from now on in e0\n",
            "  and 3 more places\n",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
