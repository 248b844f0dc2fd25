//! Follows the references of a schema from file to file.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use super::bundle::{
    File, Link, Reference, SCHEMA_DIALECT_UNKNOWN, SCHEMA_REF_BROKEN, SCHEMA_REF_REMOTE, Target,
};
use super::index::{Index, Site};
use super::paths::Paths;
use super::{Dialect, Loader, Schema, cycle, dialect, uri};
use crate::document::{Document, Kind};
use crate::report::{Finding, Location, Rule};
use crate::text::{Pointer, nearest};
use crate::{Error, Result};

/// A schema on the way to being whole.
pub(super) struct Bundling<'l> {
    loader: &'l dyn Loader,
    files: BTreeMap<String, Option<Part>>,
    /// Resources by their URI.
    by_id: BTreeMap<String, (Arc<str>, usize)>,
    queue: VecDeque<(Arc<str>, Site)>,
    findings: Vec<Finding>,
}

/// One file on the way.
struct Part {
    name: Arc<str>,
    document: Arc<Document>,
    index: Index,
    links: IndexMap<usize, Reference, RandomState>,
}

/// What a URI leads to.
enum Found {
    Resource(Arc<str>, usize),
    Metaschema,
    /// A file whose text is broken, as its own findings say.
    Unreadable,
    /// Nothing at any of these paths.
    Missing(Vec<String>),
    Outside,
}

/// Why a reference leads nowhere.
struct Fault {
    rule: &'static Rule,
    message: String,
    help: Option<String>,
}

impl<'l> Bundling<'l> {
    pub(super) fn new(loader: &'l dyn Loader) -> Self {
        Self {
            loader,
            files: BTreeMap::new(),
            by_id: BTreeMap::new(),
            queue: VecDeque::new(),
            findings: Vec::new(),
        }
    }

    pub(super) fn run(mut self, path: &str) -> Result<(Option<Schema>, Vec<Finding>)> {
        let missing = || Error::not_found(format!("there is no schema `{path}`"));
        let root = uri::inside(path).ok_or_else(missing)?;
        if !self.add_file(&root, Dialect::default())? {
            let directory = root.rfind('/').map_or("", |at| &root[..=at]);
            let names = self.near(&root)?.into_iter();
            let names: Vec<String> = names.map(|name| format!("{directory}{name}")).collect();
            return Err(missing().with_names(&root, names.iter().map(String::as_str)));
        }
        if self.part(&root).is_none() {
            return Ok((None, self.findings));
        }
        self.follow_all()?;
        let mut schema = Schema {
            root,
            files: Arc::new(
                self.files
                    .into_iter()
                    .filter_map(|(path, part)| Some((path, part?.into())))
                    .collect(),
            ),
            chain: 0,
        };
        self.findings.extend(cycle::cut(&mut schema));
        Ok((Some(schema), self.findings))
    }

    /// Follows every reference; those that wait for a file to be found by its `$id` last.
    fn follow_all(&mut self) -> Result<()> {
        let mut waiting = Vec::new();
        loop {
            let before = self.files.len();
            while let Some((file, site)) = self.queue.pop_front() {
                if !self.follow(&file, &site, false)? {
                    waiting.push((file, site));
                }
            }
            if waiting.is_empty() {
                return Ok(());
            }
            if self.files.len() == before {
                break;
            }
            self.queue.extend(waiting.drain(..));
        }
        for (file, site) in waiting {
            self.follow(&file, &site, true)?;
        }
        Ok(())
    }

    /// Follows one reference; false if what it names may yet be found.
    fn follow(&mut self, file: &Arc<str>, site: &Site, last: bool) -> Result<bool> {
        let part = self
            .part(file)
            .expect("a reference stands in a file that was read");
        let (reference, fragment) = uri::split_fragment(&site.text);
        let wanted = uri::resolve(&part.index.resources[site.resource].base, reference);
        let link = match self.find(file, site, &wanted, reference)? {
            Found::Metaschema => {
                let fragment = fragment.map_or(String::new(), |text| format!("#{text}"));
                Ok(Link::Metaschema(format!("{wanted}{fragment}")))
            }
            Found::Resource(to, resource) => self
                .place(&to, resource, fragment.unwrap_or_default())
                .map(Link::To),
            Found::Unreadable => Ok(Link::Broken),
            Found::Missing(_) if !last => return Ok(false),
            Found::Missing(paths) => Err(self.missing(&wanted, reference, &paths)?),
            Found::Outside => Err(Fault {
                rule: &SCHEMA_REF_BROKEN,
                message: format!("`{reference}` leads out of the repository"),
                help: Some("a schema can only refer to files of its own repository".into()),
            }),
        };
        let link = match link {
            Ok(link) => link,
            Err(fault) => {
                let part = self.part(file).expect("it was there a moment ago");
                let at = Location::new(&part.document.source, site.span)
                    .with_pointer(site.pointer.clone());
                let mut finding = Finding::new(fault.rule, fault.message, at);
                finding.help = fault.help;
                self.findings.push(finding);
                Link::Broken
            }
        };
        if let Some(Some(part)) = self.files.get_mut(&**file) {
            let pointer = site.pointer.clone();
            part.links.insert(site.address, Reference { pointer, link });
        }
        Ok(true)
    }

    /// Finds the resource that a URI names.
    fn find(
        &mut self,
        file: &Arc<str>,
        site: &Site,
        wanted: &str,
        reference: &str,
    ) -> Result<Found> {
        if let Some((file, resource)) = self.by_id.get(wanted) {
            return Ok(Found::Resource(Arc::clone(file), *resource));
        }
        let part = self
            .part(file)
            .expect("a reference stands in a file that was read");
        if reference.is_empty() {
            return Ok(Found::Resource(Arc::clone(file), site.resource));
        }
        if dialect::is_metaschema(wanted) {
            return Ok(Found::Metaschema);
        }
        let inherited = part.index.dialect;
        let base = part.index.resources[0].base.clone();
        let direct = uri::to_file(wanted);
        let mut paths: Vec<String> = Vec::new();
        let candidates = [
            direct.as_deref().and_then(uri::inside),
            uri::relative(&base, wanted).and_then(|path| uri::beside(file, &path)),
            (!reference.contains(':') && !reference.starts_with('/'))
                .then(|| uri::beside(file, &uri::decode(reference)?))
                .flatten(),
        ];
        for path in candidates.into_iter().flatten() {
            if paths.contains(&path) {
                continue;
            }
            if self.add_file(&path, inherited)? {
                return Ok(match self.part(&path) {
                    Some(part) => Found::Resource(Arc::clone(&part.name), 0),
                    None => Found::Unreadable,
                });
            }
            paths.push(path);
        }
        Ok(if direct.is_some() && paths.is_empty() {
            Found::Outside
        } else {
            Found::Missing(paths)
        })
    }

    /// Finds a place in a resource, by pointer or anchor.
    fn place(&mut self, file: &Arc<str>, resource: usize, fragment: &str) -> Result<Target, Fault> {
        let broken = |message: String, help: Option<String>| Fault {
            rule: &SCHEMA_REF_BROKEN,
            message,
            help,
        };
        let Some(Some(part)) = self.files.get_mut(&**file) else {
            unreachable!("a resource stands in a file that was read");
        };
        let root = &part.document.root;
        let base = &part.index.resources[resource].pointer;
        let decoded = uri::decode(fragment);
        let pointer = match decoded.as_deref() {
            Some("") => base.clone(),
            Some(text) if text.starts_with('/') => {
                let below = text
                    .parse::<Pointer>()
                    .map_err(|error| broken(error.to_string(), None))?;
                let mut pointer = base.clone();
                for token in below.tokens() {
                    let here = root.at(&pointer).expect("each step was checked");
                    if here.child(token).is_none() {
                        let names = here.as_object().into_iter().flat_map(|map| map.keys());
                        let near = nearest(token, names.map(|name| name.as_str()));
                        let near = near.iter().map(|name| pointer.join(*name));
                        let start = base.tokens().len();
                        let near = near.map(|near| {
                            let tokens = near.tokens()[start..].iter().cloned();
                            format!("`#{}`", Pointer::from_tokens(tokens))
                        });
                        let near: Vec<_> = near.collect();
                        return Err(broken(
                            format!("nothing stands at `#{text}` in `{file}`"),
                            (!near.is_empty())
                                .then(|| format!("did you mean {}?", near.join(" or "))),
                        ));
                    }
                    pointer.push(token.clone());
                }
                pointer
            }
            name => {
                let name = name.unwrap_or(fragment);
                let anchors = &part.index.anchors;
                match anchors.get(&(resource, name.into())) {
                    Some(pointer) => pointer.clone(),
                    None => {
                        let names = anchors.keys().map(|(_, name)| name.as_str());
                        let near: Vec<_> = nearest(name, names)
                            .iter()
                            .map(|name| format!("`#{name}`"))
                            .collect();
                        return Err(broken(
                            format!("nothing is named `#{name}` in `{file}`"),
                            (!near.is_empty())
                                .then(|| format!("did you mean {}?", near.join(" or "))),
                        ));
                    }
                }
            }
        };
        let value = root.at(&pointer).expect("each step was checked");
        if !matches!(value.kind, Kind::Object(_) | Kind::Bool(_)) {
            let what = value.type_name();
            return Err(broken(
                format!("`#{fragment}` in `{file}` is a {what}, not a schema"),
                None,
            ));
        }
        let mut sites = Vec::new();
        let resources = part.index.resources.len();
        part.index.add(root, &pointer, &mut sites);
        for (at, resource) in part.index.resources.iter().enumerate().skip(resources) {
            (self.by_id.entry(resource.base.clone())).or_insert_with(|| (Arc::clone(file), at));
        }
        let name = &part.name;
        self.queue
            .extend(sites.into_iter().map(|site| (Arc::clone(name), site)));
        Ok(Target {
            file: Arc::clone(file),
            pointer,
        })
    }

    fn missing(&self, wanted: &str, reference: &str, paths: &[String]) -> Result<Fault> {
        if uri::is_remote(wanted) && paths.is_empty() || uri::is_remote(reference) {
            let name = wanted.rsplit('/').next().unwrap_or_default();
            return Ok(Fault {
                rule: &SCHEMA_REF_REMOTE,
                message: format!("`{wanted}` is not in the repository, and nothing is fetched"),
                help: Some(format!(
                    "save a copy of it in the repository and refer to that by its path, \
                     as in `$ref: vendor/{name}`"
                )),
            });
        }
        let Some(shown) = paths.first() else {
            return Ok(Fault {
                rule: &SCHEMA_REF_BROKEN,
                message: format!("nothing in this schema has the name `{reference}`"),
                help: Some("write the path of a file in the repository".into()),
            });
        };
        let names = self.near(shown)?;
        let file = shown.rsplit('/').next().unwrap_or_default();
        let stem = |name: &str| name.split('.').next().map(str::to_owned);
        let mut near: Vec<&str> = names
            .iter()
            .filter(|name| stem(name) == stem(file))
            .map(String::as_str)
            .collect();
        if near.is_empty() {
            near = nearest(file, names.iter().map(String::as_str));
        }
        let near: Vec<_> = near.iter().map(|name| format!("`{name}`")).collect();
        Ok(Fault {
            rule: &SCHEMA_REF_BROKEN,
            message: format!("there is no file `{shown}`"),
            help: (!near.is_empty()).then(|| format!("did you mean {}?", near.join(" or "))),
        })
    }

    /// Lists the names in the directory of a path.
    fn near(&self, path: &str) -> Result<Vec<String>> {
        let directory = path.rfind('/').map_or("", |at| &path[..at]);
        self.loader.names(directory)
    }

    /// Reads a file unless it was read before; false if there is none.
    fn add_file(&mut self, path: &str, inherited: Dialect) -> Result<bool> {
        if self.files.contains_key(path) {
            return Ok(true);
        }
        let Some(loaded) = self.loader.load(path)? else {
            return Ok(false);
        };
        self.findings.extend(loaded.findings);
        let part = loaded
            .document
            .map(|document| self.part_of(path, document, inherited));
        self.files.insert(path.to_owned(), part);
        Ok(true)
    }

    fn part_of(&mut self, path: &str, document: Arc<Document>, inherited: Dialect) -> Part {
        let dialect = match Dialect::named(&document.root) {
            None => inherited,
            Some(Ok(dialect)) => dialect,
            Some(Err(name)) => {
                let pointer = Pointer::root().join("$schema");
                let span = document.root.at(&pointer).map(|value| value.span);
                let at = Location::new(&document.source, span.unwrap_or_default());
                let finding = Finding::new(
                    &SCHEMA_DIALECT_UNKNOWN,
                    format!("`{name}` is no known version of JSON Schema; it is read as 2020-12"),
                    at.with_pointer(pointer),
                );
                self.findings.push(
                    finding.with_help(format!("write `$schema: {}`", Dialect::default().uri())),
                );
                Dialect::default()
            }
        };
        let name: Arc<str> = path.into();
        let mut sites = Vec::new();
        let index = Index::new(path, &document.root, dialect, &mut sites);
        let own = (uri::of_file(path), (Arc::clone(&name), 0));
        self.by_id.entry(own.0).or_insert(own.1);
        for (at, resource) in index.resources.iter().enumerate() {
            (self.by_id.entry(resource.base.clone())).or_insert_with(|| (Arc::clone(&name), at));
        }
        self.queue
            .extend(sites.into_iter().map(|site| (Arc::clone(&name), site)));
        Part {
            name,
            document,
            index,
            links: IndexMap::default(),
        }
    }

    fn part(&self, path: &str) -> Option<&Part> {
        self.files.get(path)?.as_ref()
    }
}

impl From<Part> for File {
    fn from(mut part: Part) -> Self {
        (part.links).sort_unstable_by(|_, a, _, b| a.pointer.cmp(&b.pointer));
        Self {
            document: part.document,
            dialect: part.index.dialect,
            resources: part.index.resources,
            extra: part.index.extra.into_iter().collect(),
            links: part.links,
            paths: Paths::default(),
        }
    }
}
