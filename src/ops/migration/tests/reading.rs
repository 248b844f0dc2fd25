use insta::assert_snapshot;

use crate::config::ParsedFile;
use crate::ops::migration::Migration;

/// Shows what is wrong with a file.
fn told(text: &str) -> String {
    let file = ParsedFile::of_bytes("migrations/2.0.0.yaml", text.as_bytes());
    let (migration, findings) = Migration::read(&file);
    assert_eq!(migration.is_none(), !findings.is_empty());
    let lines = findings.iter().map(|finding| {
        let at = finding.location.start();
        let help = finding.help.as_ref().map(|help| format!("; {help}"));
        let (line, column) = (at.line, at.column);
        let message = &finding.message;
        format!("{line}:{column} {message}{}\n", help.unwrap_or_default())
    });
    lines.collect()
}

fn step(step: &str) -> String {
    told(&format!("strata-migration: 1\nsteps:\n  - {step}\n"))
}

#[test]
fn versions_come_from_file_names() {
    let version = |path| Migration::version_of(path).map(|version| version.to_string());
    assert_eq!(version("migrations/2.0.0.yaml").as_deref(), Some("2.0.0"));
    assert_eq!(version("m/v1.2.3-rc.1.json").as_deref(), Some("1.2.3-rc.1"));
    assert_eq!(version("m/2.0.yaml"), None);
    assert_eq!(version("m/2.0.0.txt"), None);
    let file = ParsedFile::of_bytes("migrations/two.yaml", b"strata-migration: 1\nsteps: []\n");
    assert_snapshot!(Migration::read(&file).1[0].message, @"`migrations/two.yaml` is not named after the version that it carries to");
}

#[test]
fn heads_are_read() {
    assert_snapshot!(told("strata-migration: 1\ndescription: x\nfrom: '>=1.0.0'\nschema: a.yaml\nx-own: 1\nsteps: []\n"), @"");
    assert_snapshot!(told("strata-migration: 2\nform: '>=1'\nfrom: soon\n"), @r#"
    1:19 `strata-migration` names a version that this program does not know; write `strata-migration: 1`, or use a newer `git strata`
    3:7 `from` is no range of versions: unexpected character 's' while parsing major version number; write it like `">=1.0.0"`
    1:1 the key `steps` is missing; add `steps: []`
    2:1 nothing reads the key `form`; did you mean `from`?
    "#);
    assert_snapshot!(told("[]\n"), @"1:1 the file must be a map of keys to values; it is a list");
    assert_snapshot!(told("strata-migration: 1\nsteps: {rename: a}\n"), @"2:8 `steps` must be a list of steps");
    assert_snapshot!(told("strata-migration: 1\nsteps: [\n"), @"2:8 the bracket `[` is never closed; add the closing bracket");
}

#[test]
fn mistakes_are_told_at_their_line() {
    assert_snapshot!(step("{renam: a, to: b}"), @"3:6 no step does `renam`; did you mean `rename`?");
    assert_snapshot!(step("{frobnicate: a}"), @"3:6 no step does `frobnicate`; a step is one of `rename`, `move`, `copy`, `remove`, `add`, `set`, `pin_default`, `map_values`, `convert`, `wrap`, `unwrap`, `split`, `merge`, `hoist`, `plunge`, `to_map`, `to_list`, `each`, `when`, `regex_replace`, `cel`, `note`, `manual`");
    assert_snapshot!(step("{rename: a, move: b, to: c}"), @"3:5 a step does one thing, and this does `rename`, `move`; make a step of each, in the order wanted");
    assert_snapshot!(step("{rename: a, too: b}"), @"
    3:5 the key `to` is missing; add `to: new_name`
    3:17 nothing reads the key `too`; did you mean `to`?
    ");
    assert_snapshot!(step("{rename: a.*, to: b}"), @"3:14 `rename` must be a path that ends with a name");
    assert_snapshot!(step("{rename: a..b, to: b}"), @r#"3:14 an empty part in the key `a..b`; write an empty key as """#);
    assert_snapshot!(step("{move: a, to: b.*}"), @"3:19 `b.*` has a `*` for which `a` has none; each `*` of the target stands for one of the path");
    assert_snapshot!(step("{move: a, to: b, if-exists: overwrite}"), @"3:33 `if-exists` does not know `overwrite`; write one of `keep`, `replace`, `merge`, `stop`");
    assert_snapshot!(step("{move: a, to: b, keep-empty: perhaps}"), @"3:34 `keep-empty` must be true or false");
    assert_snapshot!(step("{add: a}"), @"3:5 the key `value` is missing; add `value: 30`");
    assert_snapshot!(step("{map_values: a, values: [x]}"), @"3:30 `values` must be pairs such as `{ from: 1, to: one }`");
    assert_snapshot!(step("{map_values: a, values: {x: y}, otherwise: sotp}"), @"3:48 `otherwise` must be `keep`, `stop` or `{ value: … }`");
    assert_snapshot!(step("{convert: a}"), @"3:5 `convert` takes one of `unit`, `factor`, `duration`, `type`, `negate`");
    assert_snapshot!(step("{convert: a, unit: {from: sec, to: ms}}"), @"3:31 `from` does not know `sec`; write one of `ns`, `us`, `ms`, `s`, `min`, `h`, `d`, `B`, `kB`, `MB`, `GB`, `KiB`, `MiB`, `GiB`");
    assert_snapshot!(step("{convert: a, unit: {from: s, to: kB}}"), @"3:24 `unit` turns s into kB, which measure different things");
    assert_snapshot!(step("{convert: a, factor: 0}"), @"3:26 `factor` must not be 0, which would lose every value");
    assert_snapshot!(step("{convert: a, type: bool}"), @"3:24 `type` does not know `bool`; did you mean `boolean`?");
    assert_snapshot!(step("{convert: a, type: string, 'true': x}"), @r#"3:24 `type` needs both words, `true: "on"` and `false: "off"`"#);
    assert_snapshot!(step("{split: a}"), @"3:5 `split` takes `by`, a text, or `pattern`, with named groups");
    assert_snapshot!(step("{split: a, pattern: '(x', into: [b]}"), @"
    3:25 `(x` is no regular expression: unclosed group
    3:5 `split` takes `by`, a text, or `pattern`, with named groups
    ");
    assert_snapshot!(step("{split: a, pattern: '(?<x>.)', into: [b]}"), @"3:5 `pattern` has no group named `b`; write it like `(?<b>…)`");
    assert_snapshot!(step("{split: a, by: ':', into: [b, c], types: [string]}"), @"3:46 `types` must be a list of 2 types, one for each path");
    assert_snapshot!(step("{plunge: [tls_], into: tls, strip: tls_}"), @"3:14 `plunge` names `tls_`, which keeps no name of its own without `tls_`");
    assert_snapshot!(step("{when: {pth: a}, steps: []}"), @"3:13 nothing reads the key `pth`; did you mean `path`?");
    assert_snapshot!(step("{when: {}, steps: []}"), @"3:12 `when` says nothing that must hold");
    assert_snapshot!(step("{when: {path: a, type: strng}, steps: []}"), @"3:28 `type` does not know `strng`; did you mean `string`?");
    assert_snapshot!(step("{cel: 'self *', at: a}"), @"3:11 `self *` cannot be read: at column 7: it ends too early");
    assert_snapshot!(step("{cel: 'slef', at: a}"), @"3:11 `slef` cannot be read: there is nothing named `slef`; did you mean `self`, or `self.slef`?");
    assert_snapshot!(step("{each: a.*, steps: [{remove: 5, was: 1}, {set: a}]}"), @"3:46 the key `value` is missing; add `value: 30`");
    assert_snapshot!(step("{to_map: a}"), @"3:5 the key `key` is missing; add `key: name`");
    assert_snapshot!(step("{rename: a.b, to: a.c}"), @"3:23 `to` of a `rename` is a name, and `a.c` is a path; write `to: c`; `move` goes to a path");
    assert_snapshot!(step("{regex_replace: a, pattern: '(x)', with: $1_y}"), @"3:46 `pattern` has no group `1_y`, and `with` names it; write `${1}_y`, or `$$1_y` for the text itself");
    assert_snapshot!(step("{regex_replace: a, pattern: '(?<n>x)', with: '${m}$n$$z$0'}"), @"3:50 `pattern` has no group `m`, and `with` names it; write `$${m}` for the text itself");
    assert_snapshot!(step("{note: ''}"), @"3:12 `note` must not be empty");
    assert_snapshot!(step("5"), @"3:5 this must be a step, such as `rename: a` with `to: b`");
}

#[test]
fn the_published_schema_knows_every_operation() {
    use crate::ops::migration::{MIGRATION_SCHEMA, step::OPERATIONS};
    let schema: serde_json::Value = serde_json::from_str(MIGRATION_SCHEMA).unwrap();
    let step = &schema["$defs"]["step"];
    let branches = step["anyOf"].as_array().unwrap();
    for operation in OPERATIONS {
        assert!(step["properties"].get(operation).is_some(), "{operation}");
        let named = |branch: &serde_json::Value| branch["required"][0] == operation;
        assert!(branches.iter().any(named), "{operation}");
    }
}
