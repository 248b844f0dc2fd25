//! What must hold for any bytes at all: one function a fuzz target, which panics where it does not.
//!
//! With cargo-fuzz and a nightly toolchain: `cargo fuzz run yaml`. With a stable one, and without
//! libFuzzer, the driver mutates the files of this repository for so many seconds:
//!
//! ```console
//! $ cargo run --release --manifest-path fuzz/Cargo.toml --no-default-features -- yaml 60
//! ```

use std::cell::LazyCell;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use strata::Result;
use strata::config::schema::{Loaded, Loader, Schema, Validator};
use strata::config::{Configuration, Manifest, OpenSops, ParsedFile, Snapshot, is_sops};
use strata::document::{
    Entry, Format, Identity, Kind, Map, Number, Parsed, RewriteOptions, Three, Value, apply,
    decode, diff as changes, merge as merge_values, merge_texts, parse, rewrite, write_json,
    write_yaml,
};
use strata::git::{FileKind, NewCommit, ObjectFormat, Person, Repo, Signed, looks_like_range};
use strata::inclusion::example;
use strata::ops::compat::{Options, Policy, Profile, Verdict, compare};
use strata::ops::convert as conversion;
use strata::ops::migration::{Migration, Run, Secrets};
use strata::ops::policy::{Approval, Keys as Touched, Policy as Permissions, Touch, Verb, Who};
use strata::report::{Finding, Location, Severity};
use strata::seal::sops::{DataKey, SealedValue};
use strata::seal::{Ask, Context, Identities, Keys, Secret, Silent, Token, is_sealed};
use strata::sign::{AllowedSigners, Certificates, Clock, GIT, KeyFile, Revoked, Signers};
use strata::text::{Favour, Markers, Pointer, Source, Span};

/// A target: its name, and the function.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("yaml", yaml),
    ("json", json),
    ("toml", toml),
    ("yaml_roundtrip", yaml_roundtrip),
    ("pointer", pointer),
    ("manifest", manifest),
    ("schema", schema),
    ("compat", compat),
    ("revision", revision),
    ("diff", diff),
    ("toml_edit", toml_edit),
    ("convert", convert),
    ("merge", merge),
    ("edit", edit),
    ("migration", migration),
    ("template", template),
    ("sops", sops),
    ("token", token),
    ("signers", signers),
    ("signature", signature),
    ("policy", policy),
    ("statement", statement),
];

fn source(data: &[u8]) -> Option<Arc<Source>> {
    Some(Arc::new(Source::new("input", decode(data).ok()?)))
}

/// Splits an input in two: at the first zero byte, or else in the middle.
fn halves(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == 0) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => data.split_at(data.len() / 2),
    }
}

fn is_broken(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
}

/// Every place that is told is one of the text.
fn places(source: &Source, parsed: &Parsed) {
    for document in &parsed.documents {
        value_places(source.text(), &document.root);
    }
    finding_places(&parsed.findings);
}

fn finding_places(findings: &[Finding]) {
    for finding in findings {
        let all = std::iter::once(&finding.location).chain(&finding.related);
        for location in all {
            place(location.source.text(), location.span);
            let (start, end) = (
                location.source.position(location.span.start),
                location.source.position(location.span.end),
            );
            assert!(start.line >= 1 && start.column >= 1 && start <= end);
        }
        assert!(!finding.message.is_empty());
    }
}

fn place(text: &str, span: Span) {
    assert!(span.start <= span.end, "{span:?}");
    assert!(
        text.get(span.range()).is_some(),
        "{span:?} is no part of the text"
    );
}

fn value_places(text: &str, value: &Value) {
    place(text, value.span);
    match &value.kind {
        Kind::Array(items) => items.iter().for_each(|item| value_places(text, item)),
        Kind::Object(map) => {
            for (_, entry) in map.entries() {
                place(text, entry.key);
                value_places(text, &entry.value);
            }
        }
        _ => {}
    }
}

/// Reading YAML ends, and every place is in the text.
pub fn yaml(data: &[u8]) {
    let Some(source) = source(data) else { return };
    places(&source, &parse(&source, Format::Yaml));
}

/// Reading JSON ends, every place is in the text, and what `serde_json` reads is read alike.
pub fn json(data: &[u8]) {
    let Some(source) = source(data) else { return };
    let parsed = parse(&source, Format::Json);
    places(&source, &parsed);
    let Ok(expected) = serde_json::from_str::<serde_json::Value>(source.text()) else {
        return;
    };
    let known = |finding: &Finding| matches!(finding.rule.id, "duplicate-key" | "document-limit");
    if parsed.findings.iter().any(known) {
        return;
    }
    assert!(!is_broken(&parsed.findings), "{:?}", parsed.findings);
    assert_eq!(*parsed.documents[0].root, Value::from_json(&expected));
}

/// Reading TOML ends, every place is in the text, and what the `toml` crate reads is read alike.
pub fn toml(data: &[u8]) {
    let Some(source) = source(data) else { return };
    let parsed = parse(&source, Format::Toml);
    places(&source, &parsed);
    let Ok(expected) = toml::from_str::<toml::Table>(source.text()) else {
        return;
    };
    if parsed
        .findings
        .iter()
        .any(|f| f.rule.id == "document-limit")
    {
        return;
    }
    assert!(!is_broken(&parsed.findings), "{:?}", parsed.findings);
    same_toml(&parsed.documents[0].root, &toml::Value::Table(expected));
}

fn same_toml(ours: &Value, theirs: &toml::Value) {
    match theirs {
        toml::Value::String(text) => assert_eq!(ours.as_str(), Some(text.as_str())),
        toml::Value::Integer(number) => {
            let expected = Number::new(&number.to_string()).and_then(|number| number.decimal());
            assert_eq!(ours.as_number().and_then(Number::decimal), expected);
        }
        toml::Value::Float(number) => {
            let ours = ours.as_number().map(Number::to_f64);
            assert!(
                ours == Some(*number) || number.is_nan() && ours.is_some_and(f64::is_nan),
                "{ours:?} {number}"
            );
        }
        toml::Value::Boolean(truth) => assert_eq!(ours.as_bool(), Some(*truth)),
        toml::Value::Datetime(_) => assert!(ours.as_str().is_some()),
        toml::Value::Array(items) => {
            let ours = ours.as_array().expect("a list");
            assert_eq!(ours.len(), items.len());
            ours.iter()
                .zip(items)
                .for_each(|(ours, theirs)| same_toml(ours, theirs));
        }
        toml::Value::Table(table) => {
            let ours = ours.as_object().expect("a map");
            assert_eq!(ours.len(), table.len());
            for (key, theirs) in table {
                same_toml(ours.get(key).expect("the key"), theirs);
            }
        }
    }
}

/// What is written as YAML or JSON reads as the same value.
pub fn yaml_roundtrip(data: &[u8]) {
    let Some(source) = source(data) else { return };
    for document in parse(&source, Format::Yaml).documents {
        let written = write_yaml(&document.root);
        let again = parse(
            &Arc::new(Source::new("again", written.as_str())),
            Format::Yaml,
        );
        assert!(
            !is_broken(&again.findings),
            "{written}\n{:?}",
            again.findings
        );
        assert_eq!(again.documents.len(), 1, "{written}");
        assert_eq!(again.documents[0].root, document.root, "{written}");
        let written = write_json(&document.root);
        let again = parse(
            &Arc::new(Source::new("again", written.as_str())),
            Format::Json,
        );
        assert!(
            !is_broken(&again.findings),
            "{written}\n{:?}",
            again.findings
        );
        let plain = Value::from_json(&document.root.to_json());
        assert_eq!(*again.documents[0].root, plain, "{written}");
    }
}

/// A pointer that was read is written in both forms so that it reads the same.
pub fn pointer(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(pointer) = text.parse::<Pointer>() else {
        return;
    };
    assert_eq!(pointer.to_string().parse().as_ref(), Ok(&pointer));
    assert_eq!(
        pointer.dotted().parse().as_ref(),
        Ok(&pointer),
        "{}",
        pointer.dotted()
    );
}

/// Any document makes a manifest or findings with places in the text.
pub fn manifest(data: &[u8]) {
    let Some(source) = source(data) else { return };
    let parsed = parse(&source, Format::Yaml);
    let Some(document) = parsed.documents.first() else {
        return;
    };
    let (manifest, findings) = Manifest::read(document);
    finding_places(&findings);
    let Some(manifest) = manifest else { return };
    for environment in manifest.environment_names() {
        let target = manifest.target(Some(environment), Some("service"));
        for layer in &manifest.layers {
            if let Some(path) = layer.value.expand(&target) {
                assert!(layer.value.read(path.as_ref()).is_some(), "{path}");
            }
        }
    }
}

/// Any text is rendered as a layer, or is a finding at a place in it; and renders that read the same
/// are the same.
pub fn template(data: &[u8]) {
    thread_local! {
        static FOLDER: LazyCell<tempfile::TempDir> =
            LazyCell::new(|| tempfile::tempdir().expect("a folder for a tree"));
    }
    let (text, included) = halves(data);
    // A step may double a text, which no count of steps bounds.
    let doubles = |text: &[u8]| {
        let text = String::from_utf8_lossy(text);
        let signs = text.matches(['~', '*', '+']).count();
        signs > 4 || (signs > 0 && (text.contains("macro") || text.contains("namespace")))
    };
    if doubles(text) || doubles(included) {
        return;
    }
    let manifest = "strata: 1\nlayers: ['{environment}.yaml.j2']\nvars: { n: 1, list: [a, b], map: { k: v } }\nenv: [HOME]\nenvironments: { dev: {}, prod: {} }\n";
    FOLDER.with(|folder| {
        let write = |name: &str, bytes: &[u8]| {
            std::fs::write(folder.path().join(name), bytes).expect("a folder to write to");
        };
        write("strata.yaml", manifest.as_bytes());
        write("dev.yaml.j2", text);
        write("prod.yaml.j2", text);
        write("a.yaml", included);
        let tree = Snapshot::of_folder(folder.path()).with_environment(|_| Some("x: 1".into()));
        let configuration = Configuration::open(None, tree).expect("a manifest");
        let read = |name: &str| {
            let target = configuration.manifest().target(Some(name), None);
            let here = configuration.here();
            let closure = configuration.closure(here, &target).expect("a tree");
            let (resolved, findings) = configuration.resolve_in(here, &target).expect("a tree");
            finding_places(&findings);
            resolved.walk(|pointer, _| {
                let at = resolved.location(pointer);
                assert!(at.span.end as usize <= at.source.text().len());
            });
            (closure, resolved)
        };
        let ((one, dev), (other, prod)) = (read("dev"), read("prod"));
        if one.is_same(&other) {
            assert_eq!(dev.value(), prod.value());
        }
    });
}

struct One(Option<Arc<strata::document::Document>>);

impl Loader for One {
    fn load(&self, path: &str) -> Result<Option<Loaded>> {
        Ok((path == "schema.yaml").then(|| Loaded {
            document: self.0.clone(),
            findings: Vec::new(),
        }))
    }
}

/// Any document is taken as a schema or refused with findings; holding any value against it ends.
pub fn schema(data: &[u8]) {
    let (schema, instance) = halves(data);
    let (Some(schema), Some(instance)) = (source(schema), source(instance)) else {
        return;
    };
    let mut documents = parse(&schema, Format::Yaml).documents;
    if documents.is_empty() {
        return;
    }
    let loader = One(Some(Arc::new(documents.remove(0))));
    let (schema, findings) = Schema::load(&loader, "schema.yaml").expect("the file is there");
    finding_places(&findings);
    let Some(schema) = schema else { return };
    let _ = schema.merge_rules();
    match Validator::compile(&schema) {
        Err(findings) => {
            assert!(!findings.is_empty());
            finding_places(&findings);
        }
        Ok(validator) => {
            finding_places(validator.schema_findings());
            for document in parse(&instance, Format::Yaml).documents {
                let locate = |pointer: &Pointer| {
                    Location::new(&document.source, document.root.place(pointer))
                };
                let found = validator.validate(&document.root, None, &locate);
                finding_places(&found);
                if !validator.is_valid(&document.root) {
                    assert!(!found.is_empty(), "refused, and nothing said");
                }
            }
        }
    }
}

/// Any two schemas are compared: what breaks is shown by a document, and what an example of the old
/// one shows to break is not called compatible. The new one is the second document of the input; or
/// else the old one without a part of it.
pub fn compat(data: &[u8]) {
    let Some(input) = source(data) else { return };
    let mut documents = parse(&input, Format::Yaml).documents;
    if documents.is_empty() {
        return;
    }
    let old = documents.remove(0);
    let new = match documents.is_empty() {
        true => {
            let mut new = old.clone();
            let mut at = data.len() % (old.root.count() + 1);
            without(Arc::make_mut(&mut new.root), &mut at);
            new
        }
        false => documents.remove(0),
    };
    let load = |document| {
        let loader = One(Some(Arc::new(document)));
        let loaded = Schema::load(&loader, "schema.yaml").expect("the file is there");
        loaded.0
    };
    let (Some(old), Some(new)) = (load(old), load(new)) else {
        return;
    };
    let policy = Policy::of(Profile::Strict);
    let comparison = compare(&old, &new, &Options { policy });
    let sides = (Validator::compile(&old), Validator::compile(&new));
    let (Ok(before), Ok(after)) = &sides else {
        return;
    };
    let lost = |value: &Value| before.is_valid(value) && !after.is_valid(value);
    for change in &comparison.changes {
        if change.verdict == Verdict::Breaking {
            let witness = change.witness.as_ref().expect("what breaks is shown");
            assert!(lost(&witness.document), "the witness shows nothing");
        }
    }
    if comparison.verdict < Verdict::Unknown
        && let Some(example) = example(&old)
    {
        assert!(!lost(&example), "a break was missed");
    }
}

/// Takes a part out of a value: the one at so many steps through it.
fn without(value: &mut Value, at: &mut usize) {
    match &mut value.kind {
        Kind::Object(map) => {
            let keys: Vec<_> = map.keys().cloned().collect();
            for key in keys {
                if *at == 0 {
                    map.remove(&key);
                    *at = usize::MAX;
                    return;
                }
                *at -= 1;
                if let Some(inner) = map.get_mut(&key) {
                    without(inner, at);
                }
                if *at == usize::MAX {
                    return;
                }
            }
        }
        Kind::Array(items) => {
            for index in 0..items.len() {
                if *at == 0 {
                    items.remove(index);
                    *at = usize::MAX;
                    return;
                }
                *at -= 1;
                without(&mut items[index], at);
                if *at == usize::MAX {
                    return;
                }
            }
        }
        _ => {}
    }
}

thread_local! {
    static REPO: LazyCell<(tempfile::TempDir, Repo)> = LazyCell::new(|| {
        let folder = tempfile::tempdir().expect("a folder for a repository");
        let repo = repository(folder.path()).expect("a repository can be made");
        (folder, repo)
    });
}

fn repository(folder: &std::path::Path) -> Result<Repo> {
    let repo = Repo::init(folder, "main", false, ObjectFormat::Sha1)?;
    let person = Person {
        name: "Ada Example".to_owned(),
        email: "ada@example.org".to_owned(),
        time: 1_750_000_000,
        offset: 0,
    };
    let mut parents = Vec::new();
    for number in 0..3 {
        let blob = repo.write_blob(format!("number: {number}\n").as_bytes())?;
        let edits = [("app.yaml".into(), Some((blob, FileKind::File)))];
        let tip = repo.write_commit(&NewCommit {
            tree: repo.write_tree(None, &edits)?,
            parents: parents.clone(),
            author: person.clone(),
            committer: person.clone(),
            message: "change".into(),
        })?;
        repo.tag(&format!("v1.{number}.0"), tip, None)?;
        parents = vec![tip];
    }
    repo.update_ref("refs/heads/main", None, parents[0], "start")?;
    Ok(repo)
}

/// Any words are a revision, a range, an endpoint or an error, and never a panic.
pub fn revision(data: &[u8]) {
    let Ok(spec) = std::str::from_utf8(data) else {
        return;
    };
    REPO.with(|kept| {
        let repo = &kept.1;
        let _ = repo.revision(spec);
        let _ = repo.endpoint(spec);
        let _ = repo.versions(spec);
        let range = repo.range(spec);
        if let Ok(range) = range {
            assert!(looks_like_range(spec));
            assert_eq!(range.spec, spec);
        }
    });
}

/// What has changed, applied to the old value, gives the new one.
pub fn diff(data: &[u8]) {
    let (old, new) = halves(data);
    let (Some(old), Some(new)) = (source(old), source(new)) else {
        return;
    };
    let (old, new) = (parse(&old, Format::Yaml), parse(&new, Format::Yaml));
    let (Some(old), Some(new)) = (old.documents.first(), new.documents.first()) else {
        return;
    };
    let identity = Identity::default();
    let found = changes(&old.root, &new.root, &identity);
    let applied = apply(&old.root, &found);
    let left = changes(&applied, &new.root, &identity);
    assert!(
        left.is_empty(),
        "{found:#?}\napplied: {}left: {left:#?}",
        write_yaml(&applied)
    );
    assert!(changes(&old.root, &old.root, &identity).is_empty());
}

/// A TOML text that is changed in any way says what is intended, and never has to be written anew;
/// one that is not changed keeps every byte. The changes are the second half of the input, three
/// bytes each.
pub fn toml_edit(data: &[u8]) {
    let (text, edits) = halves(data);
    let Some(source) = source(text) else { return };
    let parsed = parse(&source, Format::Toml);
    let [document] = &parsed.documents[..] else {
        return;
    };
    // The reader passes over two marks, where one is none too many.
    if source.text().starts_with("\u{feff}\u{feff}") {
        return;
    }
    let mut intended = (*document.root).clone();
    for edit in edits.chunks_exact(3).take(8) {
        change(&mut intended, edit[0], edit[1].into(), edit[2].into());
    }
    let documents = std::slice::from_ref(document);
    let roots = std::slice::from_ref(&intended);
    let done = rewrite(documents, roots, &RewriteOptions::default()).expect("it can be said");
    if intended == *document.root && edits.len() < 3 {
        assert_eq!(done.text, source.text());
        return;
    }
    let again = parse(
        &Arc::new(Source::new("again", done.text.as_str())),
        Format::Toml,
    );
    let is_limit = |found: &Finding| found.rule.id == "document-limit";
    if again.findings.iter().any(is_limit) {
        return;
    }
    assert!(
        !is_broken(&again.findings),
        "{}\n{:?}",
        done.text,
        again.findings
    );
    assert_eq!(*again.documents[0].root, intended, "{}", done.text);
    assert!(done.anew.is_empty(), "{}", done.text);
}

/// YAML and JSON that are changed say what they should, whatever their style.
pub fn edit(data: &[u8]) {
    let (text, edits) = halves(data);
    let Some(source) = source(text) else { return };
    let format = match edits.first() {
        Some(first) if first % 4 == 0 => Format::Json,
        _ => Format::Yaml,
    };
    let parsed = parse(&source, format);
    if is_broken(&parsed.findings) || parsed.documents.is_empty() {
        return;
    }
    let mut intended: Vec<Value> = (parsed.documents.iter())
        .map(|document| (*document.root).clone())
        .collect();
    let same = rewrite(&parsed.documents, &intended, &RewriteOptions::default());
    assert_eq!(same.expect("it says so already").text, source.text());
    for edit in edits.chunks_exact(4).take(8) {
        let count = intended.len();
        let root = &mut intended[usize::from(edit[3]) % count];
        change(root, edit[0], edit[1].into(), edit[2].into());
    }
    let done = rewrite(&parsed.documents, &intended, &RewriteOptions::default());
    let Ok(done) = done else { return };
    let again = parse(&Arc::new(Source::new("again", done.text.as_str())), format);
    let is_limit = |found: &Finding| found.rule.id == "document-limit";
    if again.findings.iter().any(is_limit) {
        return;
    }
    assert_eq!(again.documents.len(), intended.len(), "{}", done.text);
    for (document, intended) in again.documents.iter().zip(&intended) {
        assert_eq!(*document.root, *intended, "{}", done.text);
    }
}

/// Any file of migrations is read, and what it says is done to any document.
pub fn migration(data: &[u8]) {
    let (steps, text) = halves(data);
    let file = ParsedFile::of_bytes("migrations/2.0.0.yaml", steps);
    let (migration, findings) = Migration::read(&file);
    finding_places(&findings);
    let Some(migration) = migration else { return };
    let Some(source) = source(text) else { return };
    let parsed = parse(&source, Format::Yaml);
    let Some(document) = parsed.documents.first() else {
        return;
    };
    let none = |_: &Pointer| None;
    let mut run = Run::new((*document.root).clone(), Secrets::default(), &none);
    run.apply(&migration);
    let (root, journal) = run.finish();
    assert!(journal.records.len() <= 100_000);
    if is_broken(&parsed.findings) || parsed.documents.len() > 1 {
        return;
    }
    let documents = std::slice::from_ref(document);
    let roots = std::slice::from_ref(&root);
    let done = rewrite(documents, roots, &RewriteOptions::default()).expect("it can be said");
    let again = parse(
        &Arc::new(Source::new("again", done.text.as_str())),
        Format::Yaml,
    );
    if !again
        .findings
        .iter()
        .any(|found| found.rule.id == "document-limit")
    {
        assert_eq!(*again.documents[0].root, root, "{}", done.text);
    }
}

/// Changes a value: removes, renames, moves, wraps or sets what is at a place.
fn change(root: &mut Value, what: u8, place: usize, other: usize) {
    let mut all = Vec::new();
    pointers(root, &mut Pointer::root(), &mut all);
    let (at, target) = (&all[place % all.len()], &all[other % all.len()]);
    let name = ["a", "b", "new name", "x", "y"][other % 5];
    let literal = [
        Kind::Bool(true),
        Kind::String("te\"xt\n'''".into()),
        Kind::Object(Map::new()),
        Kind::Array(Vec::new()),
    ][other % 4]
        .clone();
    let (Some(parent), Some(key)) = (at.parent(), at.last()) else {
        if let Kind::Object(map) = &mut root.kind {
            map.set(name, Value::detached(literal));
        }
        return;
    };
    let within = at.contains(target);
    match (
        &mut root.at_mut(&parent).expect("the place is there").kind,
        what % 6,
    ) {
        (Kind::Object(map), 0) => {
            map.remove(key);
        }
        (Kind::Object(map), 1) if !map.contains_key(name) => {
            let entries = std::mem::take(map).into_iter();
            let renamed = entries.map(|(old, entry)| match old == key {
                true => (name.into(), entry),
                false => (old, entry),
            });
            *map = renamed.collect();
        }
        (Kind::Object(map), 2) if !within => {
            let entry = map.remove(key).expect("the entry is there");
            match root.at_mut(target).map(|value| &mut value.kind) {
                Some(Kind::Object(map)) => {
                    map.insert(name, entry);
                }
                Some(Kind::Array(items)) => items.push(entry.value),
                _ => {}
            }
        }
        (Kind::Object(map), 3) => {
            let entry = map.entry_mut(key).expect("the entry is there");
            let value = std::mem::replace(&mut entry.value, Value::detached(Kind::Null));
            let mut inner = Map::new();
            inner.insert(
                name,
                Entry {
                    key: entry.key,
                    value,
                },
            );
            let wrapped = Value::detached(Kind::Object(inner));
            entry.key = Span::default();
            entry.value = match other % 2 {
                0 => wrapped,
                _ => Value::detached(Kind::Array(vec![wrapped])),
            };
        }
        (Kind::Array(items), 0) => {
            items.pop();
        }
        (Kind::Array(items), 1) => items.reverse(),
        (_, 4) => root.at_mut(at).expect("the place is there").kind = literal,
        _ => *root.at_mut(at).expect("the place is there") = Value::detached(literal),
    }
}

fn pointers(value: &Value, at: &mut Pointer, all: &mut Vec<Pointer>) {
    all.push(at.clone());
    let mut below = |key: String, value: &Value| {
        at.push(key);
        pointers(value, at, all);
        at.pop();
    };
    match &value.kind {
        Kind::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, item)| below(index.to_string(), item));
        }
        Kind::Object(map) => map
            .iter()
            .for_each(|(key, value)| below(key.to_string(), value)),
        _ => {}
    }
}

/// Any document is converted, or what would be lost is said; the text says the same value.
pub fn convert(data: &[u8]) {
    const FORMATS: [Format; 3] = [Format::Yaml, Format::Json, Format::Toml];
    let file = ParsedFile::of_bytes("input.yaml", data);
    for from in FORMATS {
        let Some(source) = source(data) else { return };
        let read = parse(&source, from);
        for (to, lossy) in FORMATS.into_iter().flat_map(|to| [(to, false), (to, true)]) {
            let document = (from == to).then_some(1);
            let options = conversion::Options {
                from,
                to,
                document,
                lossy,
            };
            let Ok(report) = conversion::convert(&file, &options) else {
                continue;
            };
            finding_places(&report.findings);
            let Some(text) = &report.body.text else {
                assert!(is_broken(&report.findings), "nothing, and nothing said");
                continue;
            };
            assert!(!is_broken(&report.findings));
            let again = parse(&Arc::new(Source::new("again", text.as_str())), to);
            assert!(!is_broken(&again.findings), "{text}\n{:?}", again.findings);
            let (old, new) = (&read.documents[0].root, &again.documents[0].root);
            assert!(lossy || old.is_null() || old == new, "{text}");
        }
    }
}

/// Three texts are merged by value, and either side of what is marked says what it should.
pub fn merge(data: &[u8]) {
    let (base, rest) = halves(data);
    let (ours, theirs) = halves(rest);
    let [Ok(base), Ok(ours), Ok(theirs)] = [base, ours, theirs].map(std::str::from_utf8) else {
        return;
    };
    let (markers, identity) = (Markers::default(), Identity::default());
    let marks = ["<<<<<<<", "=======", ">>>>>>>"];
    for format in [Format::Yaml, Format::Json, Format::Toml] {
        let sides = Three { base, ours, theirs };
        let merged = merge_texts(sides, format, &identity, &markers);
        if merged.by_line || marks.iter().any(|mark| data_has(data, mark)) {
            continue;
        }
        assert_eq!(merged.conflicts.is_empty(), merged.marked == 0);
        let read = |text: &str| parse(&Arc::new(Source::new("input", text)), format).documents;
        let plain = |text: &str| text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        let all = Three {
            base: match plain(base).trim().is_empty() {
                true => Vec::new(),
                false => read(base),
            },
            ours: read(ours),
            theirs: read(theirs),
        };
        for (favour, theirs) in [(Favour::Ours, false), (Favour::Theirs, true)] {
            let said = read(&settled(&plain(&merged.text), theirs));
            assert_eq!(said.len(), all.ours.len(), "{}", merged.text);
            for (at, document) in said.iter().enumerate() {
                let roots = all.map(|list| list.get(at).map(|it| &*it.root));
                let value = merge_values(roots, &identity, favour).value;
                assert_eq!(Some(&*document.root), value.as_ref(), "{}", merged.text);
            }
        }
    }
}

fn data_has(data: &[u8], mark: &str) -> bool {
    data.windows(mark.len()).any(|part| part == mark.as_bytes())
}

/// Takes one side of every marked place.
fn settled(text: &str, theirs: bool) -> String {
    let mut out = String::new();
    let mut inside = None;
    for line in text.split_inclusive('\n') {
        match line.get(..7) {
            Some("<<<<<<<") => inside = Some(false),
            Some("=======") => inside = Some(true),
            Some(">>>>>>>") => inside = None,
            _ if inside.is_none_or(|it| it == theirs) => out.push_str(line),
            _ => {}
        }
    }
    out
}

const SOPS_KEY: &str = include_str!("../../fixtures/sops/key.txt");
const SOPS_FILE: &str = include_str!("../../fixtures/sops/all.yaml");

thread_local! {
    static MINE: LazyCell<Identities> = LazyCell::new(|| {
        let ask: Ask = Arc::new(Silent);
        Identities::read("key.txt", SOPS_KEY.as_bytes(), &ask).expect("it is a key")
    });
    static KEYS: LazyCell<(Keys, DataKey)> = LazyCell::new(|| {
        (Keys::new(), DataKey::new().expect("there are random numbers"))
    });
}

/// A SOPS file opens or says why not; and where it opens, every sealed value of it does, and none
/// is in what is printed. The first half is put into one that opens.
pub fn sops(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (line, at) = halves(data);
    let step = |sum: usize, byte: &u8| (sum * 7 + usize::from(*byte)) % SOPS_FILE.len();
    let at = at.iter().fold(0, step);
    let line = String::from_utf8_lossy(line);
    let inside = SOPS_FILE
        .get(..at)
        .map(|start| format!("{start}{line}{}", &SOPS_FILE[at..]));
    for text in [Some(text), inside.as_deref()].into_iter().flatten() {
        for format in [Format::Yaml, Format::Json] {
            let parsed = parse(&Arc::new(Source::new("input", text)), format);
            let Some(document) = parsed.documents.first() else {
                continue;
            };
            let opened = MINE.with(|mine| OpenSops::open(document, mine));
            match opened {
                Err(why) => assert!(!why.to_string().is_empty()),
                Ok(open) => {
                    assert!(is_sops(&document.root));
                    for place in open.places() {
                        let value = document.root.at(place).and_then(Value::as_str);
                        let value = value.expect("it stands where it was read");
                        assert!(is_sealed(value) && open.secret(place, value).is_some());
                    }
                }
            }
        }
    }
}

/// A text that reads as something sealed writes itself again, and what no key of ours sealed does
/// not open; what is sealed for the text as a place opens there.
pub fn token(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    KEYS.with(|kept| {
        let (keys, key) = (&kept.0, &kept.1);
        let place = Context {
            keyring: "prod".to_owned(),
            document: text.to_owned(),
            pointer: text.to_owned(),
        };
        for text in [text.to_owned(), format!("ENC[age1,prod.1,{text}]")] {
            if let Ok(token) = Token::parse(&text) {
                assert_eq!(token.to_string(), text);
                assert!(token.open(&place, 1, keys).is_err());
            }
        }
        for text in [text.to_owned(), format!("ENC[AES256_GCM,{text}]")] {
            if let Ok(sealed) = SealedValue::parse(&text) {
                assert!(sealed.open(key, "a:").is_err());
            }
        }
        let recipient = keys.recipient(1).expect("it is the first generation");
        let secret = Secret::text(text);
        let token = Token::seal(&secret, &place, 1, &recipient).expect("it is small enough");
        let read = Token::parse(&token.to_string()).expect("it was written by us");
        assert_eq!(read.open(&place, 1, keys).as_ref(), Ok(&secret));
        let elsewhere = Context {
            document: format!("{text}x"),
            ..place
        };
        assert!(read.open(&elsewhere, 1, keys).is_err());
    });
}

/// Lists of signers and of revoked keys are read without a fault, and nobody on one made a signature
/// that is none.
pub fn signers(data: &[u8]) {
    let (allowed, revoked) = halves(data);
    let allowed = AllowedSigners::read("allowed_signers", allowed);
    let revoked = Revoked::read("revoked_signers", revoked);
    let signers = Signers {
        allowed: allowed.unwrap_or_default(),
        revoked: revoked.unwrap_or_default(),
        ..Signers::default()
    };
    for entry in signers.allowed.entries() {
        assert!(!entry.principals.is_empty());
    }
    let armored = b"-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n";
    assert!(!signers.verify(GIT, data, armored, 0).is_good());
    let (name, bytes) = halves(data);
    let _ = KeyFile::read("a", &String::from_utf8_lossy(name));
    let edited = edited(CERTIFICATE, data);
    for text in [
        bytes,
        &armor("PUBLIC KEY BLOCK", bytes),
        &armor("PUBLIC KEY BLOCK", &edited),
    ] {
        let _ = Revoked::read_certificates("revoked", text);
        let Ok(certificates) = Certificates::read("ann.asc", "ann", text) else {
            continue;
        };
        let signers = Signers {
            certificates: certificates.clone(),
            ..Signers::default()
        };
        let mut later = whole_certificates();
        later.learn(&certificates);
        // Nobody but the owner makes a key count longer: it is over in 2044.
        let clock = Clock {
            at: 1 << 32,
            now: None,
            later: &later,
        };
        let verdict = signers.verify_object(b"tree 1\n", SIGNATURE.as_bytes(), 0, &clock);
        assert!(!verdict.is_good());
    }
}

/// An OpenPGP certificate with subkeys, as GnuPG exports it, and the signature of one of them over
/// `tree 1\n`.
const CERTIFICATE: &str = include_str!("../samples/certificate.asc");
const SIGNATURE: &str = include_str!("../samples/signature.asc");

fn whole_certificates() -> Certificates {
    let whole = Certificates::read("ann.asc", "ann", CERTIFICATE.as_bytes());
    whole.expect("it is a certificate")
}

/// Puts bytes into the text form of OpenPGP.
fn armor(kind: &str, bytes: &[u8]) -> Vec<u8> {
    let body = STANDARD.encode(bytes);
    format!("-----BEGIN PGP {kind}-----\n\n{body}\n-----END PGP {kind}-----\n").into_bytes()
}

/// Takes a text form apart, and changes it in the places that the data says: two bytes for where, one
/// for what.
fn edited(text: &str, data: &[u8]) -> Vec<u8> {
    let lines = text
        .lines()
        .filter(|line| !line.contains(['-', ':']) && !line.starts_with('='));
    let mut bytes = STANDARD
        .decode(lines.collect::<String>())
        .expect("it is in the text form");
    for edit in data.chunks_exact(3) {
        let at = usize::from(u16::from_be_bytes([edit[0], edit[1]])) % bytes.len();
        bytes[at] = edit[2];
    }
    bytes
}

/// What is signed and the signature are parts of a commit or tag, and nobody made a signature that
/// is not by a key of the list.
pub fn signature(data: &[u8]) {
    for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        let commit = Signed::commit(data, format);
        assert!(commit.payload.len() <= data.len());
        assert!(commit.signature.is_some() || commit.fault.is_none());
    }
    let tag = Signed::tag(data);
    let whole = [tag.payload, tag.signature.unwrap_or_default()].concat();
    assert_eq!(whole, data);
    let (payload, body) = halves(data);
    let text = String::from_utf8_lossy(body);
    let armored = format!("-----BEGIN SSH SIGNATURE-----\n{text}\n-----END SSH SIGNATURE-----");
    for armored in [armored.as_bytes(), body] {
        let verdict = Signers::default().verify(GIT, payload, armored, 0);
        assert!(!verdict.is_good());
    }
    // What an OpenPGP key signed, with other bytes in some places, and other bytes altogether.
    thread_local! {
        static LISTED: Signers = Signers {
            certificates: whole_certificates(),
            ..Signers::default()
        };
    }
    let whole = edited(SIGNATURE, &[]);
    let changed = edited(SIGNATURE, data);
    for bytes in [&changed[..], body] {
        let text = armor("SIGNATURE", bytes);
        let later = Certificates::default();
        let clock = Clock {
            at: 0,
            now: None,
            later: &later,
        };
        let verdict = LISTED.with(|it| it.verify_object(b"tree 1\n", &text, 0, &clock));
        assert!(verdict.is_good() == (bytes == &whole[..]), "{verdict:?}");
    }
}

/// A policy with a fault allows nobody anything, and says where the fault is; one without a fault
/// allows nothing to nobody but what it leaves open.
pub fn policy(data: &[u8]) {
    let file = ParsedFile::of_bytes("policy.yaml", data);
    let policy = Permissions::of(&file);
    finding_places(&policy.findings);
    for verb in Verb::ALL {
        for keys in [
            Touched::None,
            Touched::All,
            Touched::One(Pointer::root().join("a")),
        ] {
            let touch = Touch {
                verb,
                environment: Some("prod".to_owned()),
                keys,
                file: Some("config/base.yaml".to_owned()),
            };
            let is_open = !policy.protects(&touch);
            assert!(policy.is_sound() || !is_open);
            assert_eq!(policy.decide(Who::named(&[]), &touch).is_allowed(), is_open);
            assert!(policy.is_sound() || !policy.decide(Who::named(&["ann"]), &touch).is_allowed());
        }
    }
}

/// What is read of a statement is what is written of it; no two say the same to who signs them.
pub fn statement(data: &[u8]) {
    let read = |bytes: &[u8]| Approval::read(&ParsedFile::of_bytes("a.json", bytes)).ok();
    let whole = read(data);
    let (first, second) = halves(data);
    let all: Vec<Approval> = [whole, read(first), read(second)]
        .into_iter()
        .flatten()
        .collect();
    for approval in &all {
        let payload = approval.statement.payload();
        assert_eq!(payload.iter().filter(|byte| **byte == b'\n').count(), 8);
        assert_eq!(read(approval.text().as_bytes()).as_ref(), Some(approval));
        let key = "SHA256:a/b+c";
        let path = approval.statement.path(key);
        assert!(path.starts_with(&format!("approvals/{}/", approval.statement.change)));
        assert!(approval.statement.is_at(key, &path));
        assert!(!approval.statement.is_at("SHA256:other", &path));
        if let Some(file) = approval.file() {
            assert_eq!(file.split('/').count(), 3, "{file}");
        }
        for other in &all {
            let is_same = approval.statement == other.statement;
            assert_eq!(payload == other.statement.payload(), is_same);
        }
    }
}
