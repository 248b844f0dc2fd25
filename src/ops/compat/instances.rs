//! The configurations in a repository that a schema is for.

use bstr::{BStr, BString, ByteSlice};

use super::sources::SchemaPair;
use crate::Result;
use crate::config::{Configuration, Globs, Name, ParsedFile, Resolved, Snapshot};
use crate::document::{Document, Format, Kind, Value};
use crate::git::{FileKind, Repo};
use crate::report::Location;
use crate::text::Pointer;

/// The most files that are searched for documents that name their schema.
const MOST_SEARCHED: usize = 10_000;

/// Where configurations are looked for.
#[derive(Clone)]
pub struct Instances {
    tree: Snapshot,
    repo: Option<Repo>,
    named: Globs,
    searched: bool,
}

/// One configuration.
pub(super) struct Instance<'a> {
    pub(super) value: &'a Value,
    pub(super) environment: Option<String>,
    pub(super) service: Option<String>,
    /// Says where a place of it stands.
    pub(super) locate: &'a (dyn Fn(&Pointer) -> Location + Sync),
}

/// Takes each configuration that is found.
type Visit<'v> = dyn FnMut(&Instance<'_>) + 'v;

impl Instances {
    /// Looks in a tree: in what its manifest resolves to, each environment where it lives; in the
    /// values of a Helm chart beside its `values.schema.json`; and in files that one of the
    /// patterns matches (`examples/**/*.yaml`).
    ///
    /// # Errors
    ///
    /// When a pattern is none.
    pub fn of(tree: &Snapshot, repo: Option<&Repo>, patterns: &[String]) -> Result<Self> {
        Ok(Self {
            tree: tree.clone(),
            repo: repo.cloned(),
            named: Globs::parse(patterns)?,
            searched: false,
        })
    }

    /// Looks in further files, too.
    ///
    /// # Errors
    ///
    /// When a pattern is none.
    pub fn with(&self, patterns: &[String]) -> Result<Self> {
        let more = Self::of(&self.tree, self.repo.as_ref(), patterns)?;
        let mut named = self.named.clone();
        named.extend(more.named);
        Ok(Self { named, ..more })
    }

    /// Looks in every file of the tree that names its schema, too, by `$schema` or in a remark for
    /// editors, and in every custom resource.
    #[must_use]
    pub fn searched(mut self) -> Self {
        self.searched = true;
        self
    }

    /// Goes through the configurations that a schema is for; gives the environments that cannot be
    /// read.
    pub(super) fn each(&self, pair: &SchemaPair, visit: &mut Visit<'_>) -> Result<Vec<String>> {
        let paths: Vec<&str> = [&pair.new, &pair.old]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let unread = self.targets(&paths, visit)?;
        self.chart(&paths, visit)?;
        self.files(&paths, visit)?;
        Ok(unread)
    }

    /// Resolves every target of the manifest that one of the schemas applies to.
    fn targets(&self, paths: &[&str], visit: &mut Visit<'_>) -> Result<Vec<String>> {
        let mut unread = Vec::new();
        let (configuration, _) = Configuration::read(self.repo.clone(), self.tree.clone())?;
        let Some(configuration) = configuration else {
            return Ok(unread);
        };
        let manifest = configuration.manifest();
        let mut environments: Vec<Option<&str>> = manifest.environment_names().map(Some).collect();
        if environments.is_empty() {
            environments.push(None);
        }
        for environment in environments {
            let Ok(tree) = configuration.tree(environment) else {
                unread.extend(environment.map(str::to_owned));
                continue;
            };
            let services = configuration.services(&tree)?;
            let mut services: Vec<_> = services.iter().map(|name| Some(name.as_str())).collect();
            if services.is_empty() {
                services.push(None);
            }
            for service in services {
                let target = manifest.target(environment, service);
                let applies = manifest.schemas.iter().any(|pattern| {
                    let path = pattern.value.expand(&target);
                    path.is_some_and(|path| paths.iter().any(|it| path == it.as_bytes()))
                });
                if !applies {
                    continue;
                }
                let (resolved, findings) = configuration.resolve_in(&tree, &target)?;
                // What is broken in itself is told by `check`.
                if !findings.is_empty() || resolved.layers().is_empty() {
                    continue;
                }
                visit(&Instance {
                    value: resolved.value(),
                    environment: target.name(Name::Environment).map(str::to_owned),
                    service: target.name(Name::Service).map(str::to_owned),
                    locate: &|pointer| Resolved::location(&resolved, pointer),
                });
            }
        }
        Ok(unread)
    }

    /// Goes through the values of a Helm chart: its own, and each further file laid over them.
    fn chart(&self, paths: &[&str], visit: &mut Visit<'_>) -> Result<()> {
        let Some(folder) = paths.iter().find_map(|path| match path.rsplit_once('/') {
            Some((folder, "values.schema.json")) => Some(folder),
            None if *path == "values.schema.json" => Some(""),
            _ => None,
        }) else {
            return Ok(());
        };
        let below = |name: &str| match folder {
            "" => BString::from(name),
            folder => BString::from(format!("{folder}/{name}")),
        };
        let Some(base) = self.document(below("values.yaml").as_ref())? else {
            return Ok(());
        };
        visit_document(&base, visit);
        let mut over: Vec<BString> = Vec::new();
        for (inner, is_values) in [
            (
                "",
                (|name| name.starts_with("values") && name != "values.yaml") as fn(&str) -> bool,
            ),
            ("ci", |name| name.ends_with("-values.yaml")),
        ] {
            let inside = below(inner);
            let inside = BStr::new(inside.trim_end_with(|end| end == '/'));
            if !inside.is_empty() && self.tree.files().entry(inside)?.is_none() {
                continue;
            }
            for (name, entry) in self.tree.files().list(inside)? {
                let Ok(name) = name.to_str() else { continue };
                let is_yaml = Format::of_path(name) == Some(Format::Yaml);
                if is_file(entry.kind) && is_yaml && is_values(name) {
                    let path = match inside.is_empty() {
                        true => BString::from(name),
                        false => BString::from(format!("{inside}/{name}")),
                    };
                    over.push(path);
                }
            }
        }
        for path in over {
            let Some(document) = self.document(path.as_ref())? else {
                continue;
            };
            let mut value = (*base.root).clone();
            lay(&mut value, &document.root);
            visit(&Instance {
                value: &value,
                environment: None,
                service: None,
                locate: &|pointer| match document.root.at(pointer) {
                    Some(_) => place(&document, pointer),
                    None => place(&base, pointer),
                },
            });
        }
        Ok(())
    }

    /// Goes through the files that a pattern matches, and those that name the schema themselves.
    fn files(&self, paths: &[&str], visit: &mut Visit<'_>) -> Result<()> {
        if self.named.is_empty() && !self.searched {
            return Ok(());
        }
        let kinds = self.resources(paths)?;
        let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let names: Vec<String> = paths.iter().map(|path| last(path)).collect();
        let mut searched = 0;
        for (path, entry) in self.tree.files().walk(BStr::new(b""))? {
            let text = path.to_str_lossy();
            if !is_file(entry.kind) || Format::of_path(&text).is_none() || paths.contains(&&*text) {
                continue;
            }
            let named = self.named.has(&text);
            if !named {
                searched += 1;
                if !self.searched || searched > MOST_SEARCHED {
                    continue;
                }
                let blob = self.tree.files().read(path.as_ref())?;
                let text = blob.map(|blob| blob.bytes).unwrap_or_default();
                let has = |word: &str| text.contains_str(word);
                let may_name = has("$schema") && names.iter().any(|name| has(name));
                if !may_name && !kinds.iter().any(|(group, kind)| has(group) && has(kind)) {
                    continue;
                }
            }
            let Some(file) = self
                .tree
                .file(path.as_ref())?
                .filter(|file| file.is_sound())
            else {
                continue;
            };
            for document in file.documents() {
                let names_it = || names_schema(&file, document, &text, paths);
                if named || names_it() || is_resource(&document.root, &kinds) {
                    visit_document(document, visit);
                }
            }
        }
        Ok(())
    }

    /// Gives `apiVersion` and `kind` of the resources that schemas of custom resources are for.
    fn resources(&self, paths: &[&str]) -> Result<Vec<(String, String)>> {
        let mut kinds = Vec::new();
        for path in paths {
            let parts = path.split_once('#');
            let parts = parts.and_then(|(file, part)| Some((file, part.rsplit_once('/')?)));
            let Some((file, (name, version))) = parts else {
                continue;
            };
            let Some(file) = self.tree.file(file.into())? else {
                continue;
            };
            for document in file.documents() {
                let text = |path: &[&str]| {
                    let mut value = &*document.root;
                    for key in path {
                        value = value.get(key)?;
                    }
                    value.as_str()
                };
                if text(&["metadata", "name"]) == Some(name)
                    && let Some(group) = text(&["spec", "group"])
                    && let Some(kind) = text(&["spec", "names", "kind"])
                {
                    kinds.push((format!("{group}/{version}"), kind.to_owned()));
                }
            }
        }
        Ok(kinds)
    }

    fn document(&self, path: &BStr) -> Result<Option<Document>> {
        let file = self.tree.file(path)?.filter(|file| file.is_sound());
        Ok(file.and_then(|file| file.documents().first().cloned()))
    }
}

fn is_file(kind: FileKind) -> bool {
    matches!(kind, FileKind::File | FileKind::Executable)
}

fn visit_document(document: &Document, visit: &mut Visit<'_>) {
    visit(&Instance {
        value: &document.root,
        environment: None,
        service: None,
        locate: &|pointer| place(document, pointer),
    });
}

fn place(document: &Document, pointer: &Pointer) -> Location {
    Location::new(&document.source, document.root.place(pointer)).with_pointer(pointer.clone())
}

/// Says whether a document names one of the schemas: in `$schema`, or in the remark that YAML
/// editors read.
fn names_schema(file: &ParsedFile, document: &Document, path: &str, schemas: &[&str]) -> bool {
    let own = document.root.get("$schema").and_then(Value::as_str);
    let remark = (file.source.text().lines())
        .take_while(|line| line.starts_with('#') || line.trim().is_empty())
        .find_map(|line| {
            let rest = line.trim_start_matches('#').trim();
            let rest = rest.strip_prefix("yaml-language-server:")?.trim();
            rest.strip_prefix("$schema=")
        });
    let mut named = own.into_iter().chain(remark);
    named.any(|named| {
        let beside = join(
            path.rsplit_once('/').map_or("", |(folder, _)| folder),
            named,
        );
        schemas.iter().any(|schema| *schema == beside)
    })
}

/// Resolves a relative path against a folder; what leads out of the tree is no path in it.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => return String::new(),
            ".." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn is_resource(value: &Value, kinds: &[(String, String)]) -> bool {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let (api, own) = (text("apiVersion"), text("kind"));
    kinds
        .iter()
        .any(|(group, kind)| api == Some(group) && own == Some(kind))
}

/// Lays values over values as Helm does: maps merge, `null` takes away, anything else replaces.
fn lay(base: &mut Value, over: &Value) {
    match (&mut base.kind, &over.kind) {
        (Kind::Object(under), Kind::Object(map)) => {
            for (key, value) in map.iter() {
                match under.get_mut(key) {
                    _ if value.is_null() => {
                        under.remove(key);
                    }
                    Some(known) => lay(known, value),
                    None => under.set(key.clone(), value.clone()),
                }
            }
        }
        _ => *base = over.clone(),
    }
}
