use super::*;
use crate::config::Snapshot;
use crate::git::testing::Scratch;
use crate::ops::drift::{DriftBody, Filter, drift, sides};
use crate::report::{Report, Severity};

const MANIFEST: &str = "strata: 1
schemas: [schema.yaml]
layers: [base.yaml, 'env/{environment}.yaml', 'services/{service}.yaml']
services: services/*.yaml
environments:
  dev: { ref: env/dev }
  staging: { ref: env/staging, follows: dev }
  prod: { ref: env/prod, follows: staging }
";

const SCHEMA: &str = "properties:
  list: { x-merge: append }
  ports: { x-merge: by-key(name) }
  whole: { x-merge: replace }
  host: { x-env-specific: true }
  limit: { default: 5 }
  password: { x-secret: true }
";

/// Numbers that look like chance, and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

/// The entries that a service may have; each in four forms, the last of which is none at all.
const ENTRIES: [[&str; 4]; 9] = [
    ["size: 1\n", "size: 2\n", "size: '1'\n", ""],
    ["list: [1, 2]\n", "list:\n- 1\n- 3\n", "list: null\n", ""],
    [
        "ports:\n  - { name: http, port: 80 }\n  - { name: admin, port: 81 }\n",
        "ports:\n- name: admin\n  port: 82\n",
        "# reordered\nports: [{ name: admin, port: 81 }, { name: http, port: 80 }]\n",
        "",
    ],
    [
        "whole: { a: 1, b: { c: 1 } }\n",
        "whole:\n  b:\n    c: 2\n",
        "whole: {}\n",
        "",
    ],
    ["a: { b: 1 }\n", "a: { b: 2, c: 3 }\n", "a: no\n", ""],
    ["limit: 5\n", "limit: 6\n", "limit: 0x5\n", ""],
    ["password: x\n", "password: y\n", "password: 7\n", ""],
    [
        "text: |\n  one\n\n  two\n\n",
        "text: |+\n  one\n\n\n",
        "text: >\n  one\n",
        "",
    ],
    ["# c\n", "# d\n\n", "same: 1\n", "same: 1\n"],
];

fn service(dice: &mut Dice, before: Option<&[usize]>) -> Vec<usize> {
    let mut form = |number: usize| match before {
        Some(before) if dice.below(5) != 0 => before[number],
        _ => dice.below(4),
    };
    (0..ENTRIES.len()).map(&mut form).collect()
}

fn text(first: &str, forms: &[usize]) -> String {
    let entries = forms.iter().zip(ENTRIES);
    let entries = entries.map(|(form, entry)| entry[*form]);
    let unlike: String = (0..40).map(|at| format!("filler{at}: {at}\n")).collect();
    format!("{first}\n{}{unlike}", entries.collect::<String>())
}

/// Services in three environments; the first line of each file is given.
fn shop(first: &str) -> Scratch {
    let scratch = Scratch::new();
    let mut dice = Dice(7);
    scratch.write("strata.yaml", MANIFEST);
    scratch.write("schema.yaml", SCHEMA);
    scratch.write("base.yaml", "a: { b: 1, d: 1 }\nlist: [0]\nlimit: 5\n");
    let mut services: Vec<Vec<usize>> = Vec::new();
    for (number, name) in ["dev", "staging", "prod"].into_iter().enumerate() {
        let own = format!(
            "{first}\nhost: {name}\n{}",
            ["", "a: { b: 9 }\n", ""][number]
        );
        scratch.write(&format!("env/{name}.yaml"), own);
        for at in 0..60 {
            let forms = service(&mut dice, services.get(at).map(Vec::as_slice));
            scratch.write(&format!("services/s{at:02}.yaml"), text(first, &forms));
            match services.get_mut(at) {
                Some(known) => *known = forms,
                None => services.push(forms),
            }
        }
        scratch.commit(name);
        scratch.git(&["branch", &format!("env/{name}")]);
    }
    scratch
}

fn open(scratch: &Scratch) -> Configuration {
    let repo = scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    Configuration::open(Some(repo), here).unwrap()
}

fn run(scratch: &Scratch, names: &[&str], filter: &Filter) -> Report<DriftBody> {
    let configuration = open(scratch);
    let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
    drift(
        &configuration,
        &sides(&configuration, &names).unwrap(),
        filter,
    )
    .unwrap()
}

/// Says which services are read in part, not at all, and as a whole.
fn kinds(scratch: &Scratch, names: &[&str]) -> [Vec<String>; 3] {
    let configuration = open(scratch);
    let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
    let sides = sides(&configuration, &names).unwrap();
    let services = configuration.services(&sides[0].tree).unwrap();
    let mut differing: Vec<Differing<'_>> = Vec::new();
    let mut targets: Vec<Option<&str>> = services.iter().map(|it| Some(it.as_str())).collect();
    if targets.is_empty() {
        targets.push(None);
    }
    for service in targets {
        let closures = Closures::of(&configuration, &sides, service).unwrap();
        if closures.differ(&configuration, &sides).unwrap() {
            differing.push((service, closures));
        }
    }
    let mut kinds: [Vec<String>; 3] = Default::default();
    let narrowed = narrow(&configuration, &sides, &differing).unwrap();
    for ((service, _), narrowed) in differing.iter().zip(narrowed) {
        let kind = match narrowed {
            Narrowed::Part(_) => 0,
            Narrowed::Nothing => 1,
            Narrowed::Whole => 2,
        };
        kinds[kind].push(service.unwrap_or_default().to_owned());
    }
    kinds
}

#[test]
fn what_is_read_in_part_differs_as_it_does_as_a_whole() {
    // A tab within a comment is allowed, and leaves a text without an outline.
    let (part, whole) = (shop("# a"), shop("#\ta"));
    let of = |filter: &dyn Fn(&mut Filter)| {
        let mut given = Filter::default();
        filter(&mut given);
        given
    };
    let filters = [
        of(&|_| {}),
        of(&|it| it.peers = true),
        of(&|it| it.path = "/a/b".parse().unwrap()),
        of(&|it| it.path = "/ports".parse().unwrap()),
        of(&|it| it.service = Some("s07".into())),
        of(&|it| it.most = Some(40)),
    ];
    for names in [&[][..], &["staging", "prod"], &["dev", "prod"]] {
        for filter in &filters {
            let told = [&part, &whole].map(|scratch| {
                let report = run(scratch, names, filter);
                let findings: Vec<_> = (report.findings.iter())
                    .map(|it| (it.rule.id, it.location.start()))
                    .collect();
                let body = serde_json::to_value(&report.body).unwrap();
                (findings, without_commits(body))
            });
            assert_eq!(told[0].1, told[1].1, "{names:?} {filter:?}");
            assert_eq!(told[0].0, told[1].0, "{names:?} {filter:?}");
        }
        assert!(kinds(&part, names)[0].len() > 50);
        assert_eq!(kinds(&whole, names)[2].len(), 60);
    }
}

/// Takes away what depends on the bytes of files.
fn without_commits(mut body: serde_json::Value) -> serde_json::Value {
    fn walk(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(map) => {
                for name in ["commit", "revision", "id"] {
                    map.remove(name);
                }
                map.values_mut().for_each(walk);
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(walk),
            _ => {}
        }
    }
    walk(&mut body);
    body
}

/// Two services, of which staging has one in another form.
fn two(cart: &str, changed: &str) -> Scratch {
    let scratch = Scratch::new();
    scratch.write("strata.yaml", MANIFEST);
    let filler: String = (0..20).map(|at| format!("k{at}: {at}\n")).collect();
    scratch.write("services/cart.yaml", format!("{cart}{filler}"));
    scratch.write("services/search.yaml", format!("size: 1\n{filler}"));
    scratch.commit("start");
    for name in ["dev", "staging", "prod"] {
        scratch.git(&["branch", &format!("env/{name}")]);
    }
    scratch.git(&["checkout", "-q", "env/staging"]);
    scratch.write("services/cart.yaml", format!("{changed}{filler}"));
    scratch.commit("changed");
    scratch.git(&["checkout", "-q", "main"]);
    scratch
}

#[test]
fn comments_and_order_are_nothing_to_read() {
    let scratch = two("a: 1\nb: 2\n", "# c\n\nb: 2\na: 1\n");
    let kinds = kinds(&scratch, &["dev", "staging"]);
    assert_eq!(kinds[1], ["cart"]);
    let report = run(&scratch, &["dev", "staging"], &Filter::default());
    assert!(report.body.differences.is_empty() && report.findings.is_empty());
}

#[test]
fn what_cannot_be_told_apart_is_read_as_a_whole() {
    let names = ["dev", "staging"];
    for (cart, changed) in [
        ("a: &x 1\nb: *x\n", "a: &x 2\nb: *x\n"),
        ("a: 1\n", "a: \"\n  1\"\n"),
        ("a: 1\n", "a:\n    b: 1\n  c: 2\n"),
        ("a: 1\n", "a: 1\na: 2\n"),
    ] {
        let scratch = two(cart, changed);
        let kinds = kinds(&scratch, &names);
        assert_eq!(kinds[2], ["cart"], "{changed}");
    }
    // What is wrong with what differs is told.
    let scratch = two("a: 1\n", "a:\n    b: 1\n  c: 2\n");
    let report = run(&scratch, &names, &Filter::default());
    assert_eq!(report.findings[0].severity, Severity::Error);
    // A layer that one side does not have, and other ways of merging.
    let scratch = two("a: 1\n", "a: 2\n");
    scratch.git(&["checkout", "-q", "env/staging"]);
    scratch.write("base.yaml", "k0: 1\n");
    scratch.commit("another layer");
    scratch.git(&["checkout", "-q", "main"]);
    assert_eq!(kinds(&scratch, &names)[2].len(), 2);
}

#[test]
fn a_map_that_replaces_all_does_so_where_nothing_of_it_is_read() {
    let scratch = two("a: 1\n", "a: 1\n");
    for (branch, size) in [("env/dev", 1), ("env/staging", 2)] {
        scratch.git(&["checkout", "-q", branch]);
        scratch.write("base.yaml", format!("z: {size}\n"));
        scratch.commit("base");
    }
    scratch.git(&["checkout", "-q", "main"]);
    let names = ["dev", "staging"];
    let differences = || run(&scratch, &names, &Filter::default()).body.differences;
    assert_eq!(differences().len(), 2);
    scratch.write(
        "strata.yaml",
        format!("{MANIFEST}merge: {{ '': replace }}\n"),
    );
    assert_eq!(kinds(&scratch, &names)[0].len(), 2);
    assert!(differences().is_empty());
}

/// Three environments as folders of one branch, with as much that is the same as `more` says.
fn folders(manifest: &str, files: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::new();
    let filler: String = (0..8).map(|at| format!("k{at}: {at}\n")).collect();
    scratch.write(
        "strata.yaml",
        format!("strata: 1\nenvironments: {{ a: {{}}, b: {{}}, c: {{}} }}\n{manifest}"),
    );
    for (path, text) in files {
        scratch.write(path, text.replace("FILL\n", &filler));
    }
    scratch.commit("start");
    scratch
}

fn told(scratch: &Scratch, names: &[&str], filter: &Filter) -> String {
    let report = run(scratch, names, filter);
    let rows = report.body.differences.iter();
    let rows = rows.map(|it| format!("{} {}", it.pointer, it.class));
    let findings = report.findings.iter();
    let findings = findings.map(|it| format!("{}: {}", it.rule.id, it.message));
    rows.chain(findings).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_key_that_few_environments_have_is_told_beside_the_usual() {
    let scratch = folders(
        "layers: ['{environment}.yaml']\n",
        &[
            ("a.yaml", "FILL\n"),
            ("b.yaml", "FILL\n"),
            ("c.yaml", "FILL\nx: 1\n"),
        ],
    );
    let peers = Filter {
        peers: true,
        ..Filter::default()
    };
    insta::assert_snapshot!(told(&scratch, &[], &peers), @"
    /x missing-key
    missing-key: `x` is 1 in c, and not set in the 2 others
    ");
}

#[test]
fn a_shared_layer_that_cannot_be_read_on_one_side_is_none_there() {
    let scratch = folders(
        "layers: ['{environment}.yaml', 'services/{service}.yaml']\nservices: services/*\n",
        &[
            ("a.yaml", "k0: 0\nm:\n    b: 1\n  c: 2\n"),
            ("b.yaml", "k0: 0\nm:\n  b: 1\n"),
            ("services/s1.yaml", "FILL\n"),
            ("services/s2.yaml", "FILL\n"),
        ],
    );
    assert_eq!(kinds(&scratch, &["a", "b"])[2].len(), 2);
    insta::assert_snapshot!(told(&scratch, &["a", "b"], &Filter::default()), @"
    /m/b missing-key
    /m/b missing-key
    bad-indentation: this line's indentation matches nothing above it
    missing-key: `m.b` of s1 is set in b and not in a
    missing-key: `m.b` of s2 is set in b and not in a
    ");
}

#[test]
fn a_layer_that_is_empty_on_one_side_is_read_with_all_others() {
    let replaced = folders(
        "merge: { '': replace }\nlayers: [base.yaml, '{environment}.yaml']\n",
        &[
            ("base.yaml", "FILL\n"),
            ("a.yaml", "# c\n"),
            ("b.yaml", "k0: 1\n"),
        ],
    );
    assert_eq!(
        run(&replaced, &["a", "b"], &Filter::default())
            .body
            .differences
            .len(),
        8
    );
    let nulls = folders(
        "layers: ['{environment}.yaml', all.yaml]\n",
        &[
            ("a.yaml", "k: 1\n"),
            ("b.yaml", "# c\n"),
            ("all.yaml", "FILL\nn: null\n"),
        ],
    );
    insta::assert_snapshot!(told(&nulls, &["a", "b"], &Filter::default()), @"
    /k missing-key
    /n missing-key
    missing-key: `k` is set in a and not in b
    missing-key: `n` is set in b and not in a
    ");
}

#[test]
fn secrets_beside_what_is_not_compared_stay_covered() {
    let scratch = folders(
        "schemas: [schema.yaml]\nlayers: ['{environment}.yaml']\n",
        &[
            (
                "schema.yaml",
                "properties: { db: { properties: { password: { x-secret: true } } } }\n",
            ),
            (
                "drift.yaml",
                "rules: [{ path: /db/host, expect: differ, reason: two }]\n",
            ),
            ("a.yaml", "db: { host: h, password: hunter2 }\nFILL\n"),
            ("b.yaml", "# c\ndb: { host: h, password: hunter2 }\nFILL\n"),
        ],
    );
    assert_eq!(kinds(&scratch, &["a", "b"])[1].len(), 1);
    let report = run(&scratch, &["a", "b"], &Filter::default());
    let mut shown = Vec::new();
    let answer = crate::render::Answer {
        command: "drift",
        report: &report,
        rules: &[],
        tool_version: "1.0.0",
    };
    let style = crate::render::Style::default();
    crate::render::render(crate::render::Format::Human, &answer, &style, &mut shown).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    assert!(
        shown.contains("must-differ") && !shown.contains("hunter2"),
        "{shown}"
    );
}

#[test]
fn where_nearly_everything_differs_the_rest_is_not_looked_over() {
    let filler: String = (0..8).map(|at| format!("k{at}: {at}\n")).collect();
    let scratch = Scratch::new();
    scratch.write("strata.yaml", MANIFEST);
    let all = |text: &dyn Fn(usize) -> String| {
        for number in 0..20 {
            scratch.write(&format!("services/s{number:02}.yaml"), text(number));
        }
        scratch.commit("all");
    };
    all(&|_| filler.clone());
    scratch.git(&["branch", "env/dev"]);
    scratch.git(&["branch", "env/prod"]);
    all(&|number| match number {
        // Of the others little differs.
        0..8 => filler.replace(": ", ": 1"),
        _ => filler.replace("k1: ", "k1: 1"),
    });
    scratch.git(&["branch", "env/staging"]);
    let [part, nothing, whole] = kinds(&scratch, &["dev", "staging"]);
    assert_eq!((part.len(), nothing.len(), whole.len()), (0, 0, 20));
    let report = run(&scratch, &["dev", "staging"], &Filter::default());
    assert_eq!(report.body.differences.len(), 8 * 8 + 12);
}
