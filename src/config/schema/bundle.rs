use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use super::index::Resource;
use super::paths::Paths;
use super::resolve::Bundling;
use super::{Dialect, SchemaNode};
use crate::Result;
use crate::document::{Document, Value};
use crate::report::{Finding, Rule, Severity};
use crate::text::Pointer;

/// Reads the files of one snapshot.
pub trait Loader {
    /// Reads the file at a path from the root of the snapshot; `None` if there is none.
    ///
    /// # Errors
    ///
    /// When the snapshot cannot be read.
    fn load(&self, path: &str) -> Result<Option<Loaded>>;

    /// Lists the names in a directory (`""` is the root), so that near ones can be offered.
    ///
    /// # Errors
    ///
    /// When the snapshot cannot be read.
    fn names(&self, directory: &str) -> Result<Vec<String>> {
        let _ = directory;
        Ok(Vec::new())
    }
}

/// A file as a [`Loader`] read it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The first document in it; `None` where its text is broken.
    pub document: Option<Arc<Document>>,
    /// What is wrong with its text.
    pub findings: Vec<Finding>,
}

/// A schema: a file, and every file of the same snapshot that it refers to. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Schema {
    pub(super) root: String,
    pub(super) files: Arc<BTreeMap<String, File>>,
    /// How many schemas in a row speak about one value at the most.
    pub(super) chain: usize,
}

/// One file of a schema.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub document: Arc<Document>,
    pub dialect: Dialect,
    /// What has a URI of its own in it, its root first.
    pub resources: Vec<Resource>,
    /// Places that are schemas only because a reference leads there.
    pub extra: Vec<Pointer>,
    /// The references, in the order of their places, by the address of what is written there.
    pub links: IndexMap<usize, Reference, RandomState>,
    /// Where its values stand.
    pub paths: Paths,
}

/// A reference.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    /// Where its keyword stands in the file.
    pub pointer: Pointer,
    /// Where it leads.
    pub link: Link,
}

/// Where a reference leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// To a place in a file of the schema.
    To(Target),
    /// To a schema of the language itself.
    Metaschema(String),
    /// Nowhere; a finding says so.
    Broken,
    /// Back to where it stands, with nothing between; a finding says so.
    Cycle,
}

/// A place in a file of a schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    pub file: Arc<str>,
    pub pointer: Pointer,
}

impl Schema {
    /// Reads a schema and follows every reference in it to other files of the same snapshot.
    ///
    /// A reference is looked for by `$id` first, then as a path beside the file it stands in.
    /// One that leads nowhere is a finding, and means "anything" from then on. Nothing is
    /// fetched from elsewhere. There is no schema where the file's own text is broken.
    ///
    /// # Errors
    ///
    /// When there is no such file, or the snapshot cannot be read.
    pub fn load(loader: &dyn Loader, path: &str) -> Result<(Option<Self>, Vec<Finding>)> {
        Bundling::new(loader).run(path)
    }

    /// Gives the path of the file it starts at.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.root
    }

    /// Gives the node it starts at.
    #[must_use]
    pub fn root(&self) -> SchemaNode<'_> {
        let (path, file) =
            (self.files.get_key_value(&self.root)).expect("the root file is the first one added");
        SchemaNode::new(self, path, file, &file.document.root)
    }

    /// Gives its files by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Arc<Document>)> {
        self.files
            .iter()
            .map(|(path, file)| (path.as_str(), &file.document))
    }

    /// Gives the dialect of the file it starts at.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.root().dialect()
    }

    /// Visits every schema in every file, whether it speaks about a value or not.
    pub(super) fn each_node(&self, visit: &mut dyn FnMut(&SchemaNode<'_>)) {
        for (path, file) in self.files.iter() {
            let places = std::iter::once(Pointer::root()).chain(file.extra.iter().cloned());
            for node in places.filter_map(|pointer| self.node(path, &pointer)) {
                node.each(visit);
            }
        }
    }

    /// Says whether the word occurs in any file, so that a search for it can be left out.
    pub(super) fn mentions(&self, word: &str) -> bool {
        self.files
            .values()
            .any(|file| file.document.source.text().contains(word))
    }

    /// Finds a node by file and place.
    #[must_use]
    pub fn node(&self, file: &str, pointer: &Pointer) -> Option<SchemaNode<'_>> {
        let (path, file) = self.files.get_key_value(file)?;
        let value: &Value = file.document.root.at(pointer)?;
        Some(SchemaNode::new(self, path, file, value))
    }
}

/// A reference leads nowhere.
pub(super) static SCHEMA_REF_BROKEN: Rule = Rule {
    id: "schema-ref-broken",
    severity: Severity::Error,
    summary: "a schema refers to something that is not there",
    docs: "\
A `$ref` names a file that is not in this snapshot, leads out of the repository, or names a place
that its file does not have. Nothing can be checked under it.

```yaml
properties:
  database:
    $ref: common.json#/$defs/Database   # there is only common.yaml
```

Write the path of a file beside this one, and a place that it has:
`$ref: common.yaml#/$defs/Database`.
",
};

/// References that only lead to one another.
pub(super) static SCHEMA_REF_CYCLE: Rule = Rule {
    id: "schema-ref-cycle",
    severity: Severity::Error,
    summary: "a schema refers to itself with nothing between",
    docs: "\
References that only lead to one another say nothing about any value, and checking one would
never end.

```yaml
$defs:
  a: { $ref: '#/$defs/b' }
  b: { $ref: '#/$defs/a' }
```

A schema may well contain itself further down, under `properties` or `items`: a folder that holds
folders is no fault.
",
};

/// A reference to a file on the network.
pub(super) static SCHEMA_REF_REMOTE: Rule = Rule {
    id: "schema-ref-remote",
    severity: Severity::Error,
    summary: "a schema refers to a file on the network",
    docs: "\
Schemas are read from the same snapshot only, so that the same commit always means the same; no
command fetches one.

```yaml
$ref: https://example.com/schemas/common.json
```

Save a copy in the repository and refer to it by its path (`$ref: vendor/common.json`). A file
whose `$id` is that very address is found by it too, once another reference leads to the file.
",
};

/// A `$schema` that nobody knows.
pub(super) static SCHEMA_DIALECT_UNKNOWN: Rule = Rule {
    id: "schema-dialect-unknown",
    severity: Severity::Warning,
    summary: "a schema is written in a language that is not known",
    docs: "\
`$schema` names the version of JSON Schema that a file is written in. Known are draft 4, 6, 7,
2019-09 and 2020-12; any other name is read as 2020-12.

```yaml
$schema: https://json-schema.org/draft/2020-12/schema
```
",
};
