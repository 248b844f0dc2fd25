use std::path::Path;

use bstr::ByteSlice;
use proptest::prelude::*;

use super::*;
use crate::config::{Configuration, Name, Target};
use crate::document::write_flow;
use crate::git::testing::Scratch;

const MANIFEST: &str = "strata: 1
layers: [base.yaml, 'config/{environment}.yaml.j2']
environments:
  dev: { provider: aws }
  prod: { provider: gcp, vars: { pool: 50 } }
vars: { pool: 5, hosts: [a, b], rate: 1.50, big: 12345678901234567890123 }
env: [DB_HOST, DB_PORT]
";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Makes a configuration of files; `DB_HOST` is set.
fn configuration(files: &[(&str, &str)]) -> (tempfile::TempDir, Configuration) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "strata.yaml", MANIFEST);
    for (name, text) in files {
        write(folder.path(), name, text);
    }
    let tree = Snapshot::of_folder(folder.path())
        .with_environment(|name| (name == "DB_HOST").then(|| "db.example.org".to_owned()));
    let configuration = Configuration::open(None, tree).unwrap();
    (folder, configuration)
}

/// Says what the configuration of an environment comes to, with the place of each value, and what
/// is wrong with it.
fn told(files: &[(&str, &str)], environment: &str) -> String {
    let (_folder, configuration) = configuration(files);
    let target = configuration.target(Some(environment), None).unwrap();
    let (resolved, findings) = configuration
        .resolve_in(configuration.here(), &target)
        .unwrap();
    let mut told = String::new();
    resolved.walk(|pointer, value| {
        let at = resolved.location(pointer);
        let (file, line) = (at.source.name(), at.start().line);
        let text = at.source.slice(at.span);
        let value = write_flow(value);
        told.push_str(&format!(
            "{} = {value} @ {file}:{line} `{text}`\n",
            pointer.dotted()
        ));
    });
    for finding in findings {
        let place = |at: &crate::report::Location| {
            let text = at.source.slice(at.span);
            format!(
                "{}:{} `{text}`, {}",
                at.source.name(),
                at.start().line,
                at.label
            )
            .trim_end_matches(", ")
            .to_owned()
        };
        told.push_str(&format!(
            "{}: {}\n  at {}\n",
            finding.rule.id,
            finding.message,
            place(&finding.location)
        ));
        for related in &finding.related {
            told.push_str(&format!("  and {}\n", place(related)));
        }
        told.push_str(&format!("  help: {}\n", finding.help.unwrap_or_default()));
    }
    told
}

fn prod(template: &str) -> String {
    told(&[("config/prod.yaml.j2", template)], "prod")
}

#[test]
fn values_know_the_line_of_the_template() {
    insta::assert_snapshot!(prod("# {{ environment }}
{% if environment == 'prod' %}
pool: {{ vars.pool }}
{% endif %}
host: {{ env.DB_HOST | default('localhost') }}
port: {{ env.DB_PORT | default(5432) }}
{%- for host in vars.hosts %}
{{ host }}: { on: {{ provider }}, rate: {{ vars.rate }} }
{%- endfor %}
{% raw %}text: '{{ not }} a tag'{% endraw %}
big: {{ vars.big }}
nothing: {{ vars.none | default(none) }}
name: {{ (service | default('all of it: #1')) | tojson }}
"), @r#"
    pool = 50 @ config/prod.yaml.j2:3 `pool`
    host = db.example.org @ config/prod.yaml.j2:5 `host`
    port = 5432 @ config/prod.yaml.j2:6 `port`
    a.on = gcp @ config/prod.yaml.j2:8 `on`
    a.rate = 1.5 @ config/prod.yaml.j2:8 `rate`
    b.on = gcp @ config/prod.yaml.j2:8 `on`
    b.rate = 1.5 @ config/prod.yaml.j2:8 `rate`
    text = "{{ not }} a tag" @ config/prod.yaml.j2:10 `text`
    big = 12345678901234567890123 @ config/prod.yaml.j2:11 `big`
    nothing = null @ config/prod.yaml.j2:12 `nothing`
    name = "all of it: #1" @ config/prod.yaml.j2:13 `name`
    "#);
}

#[test]
fn what_a_template_does_to_texts_disturbs_nothing() {
    insta::assert_snapshot!(prod("{% set port %}80{% endset -%}
{% set long %}
x: 1
{% endset -%}
a: {{ port | int + 1 }}
b: {{ port | length }}
{% filter indent(2, true) %}
{% endfilter %}
c:
{% filter indent(2, true) -%}
d: {{ port }}
e: {{ long | length }}
{% endfilter %}
{% macro entry(name) -%}
{{ name }}: {{ name | capitalize }}
{% endmacro %}
{{ entry('f') }}
{{ entry('g') }}
h: \"{{ 'x' * 3 }}\"
{#- gone -#}
"), @"
    a = 81 @ config/prod.yaml.j2:5 `a`
    b = 2 @ config/prod.yaml.j2:6 `b`
    c.d = 80 @ config/prod.yaml.j2:10 `{% filter indent(2, true) -%}`
    c.e = 6 @ config/prod.yaml.j2:10 `{% filter indent(2, true) -%}`
    f = F @ config/prod.yaml.j2:17 `{{ entry('f') }}`
    g = G @ config/prod.yaml.j2:18 `{{ entry('g') }}`
    h = xxx @ config/prod.yaml.j2:19 `h`
    ");
}

#[test]
fn what_is_included_stands_in_its_own_file() {
    let files = [
        (
            "config/prod.yaml.j2",
            "logging:\n  {% include 'common/logging.yaml' %}\n{% include './own.yaml' %}\n{% include ['none.yaml', '../last.j2'] %}\n{% include 'gone.yaml' ignore missing %}\n{% import 'macros.j2' as m %}\nz: {{ m.double(4) }}\n",
        ),
        (
            "common/logging.yaml",
            "\u{feff}level: info\n  {# two #}\n  on: {{ environment }}\n",
        ),
        ("config/own.yaml", "own: 1\n"),
        ("last.j2", "{{ environment }}: last\n"),
        (
            "macros.j2",
            "{% macro double(n) %}{{ n * 2 }}{% endmacro %}",
        ),
    ];
    insta::assert_snapshot!(told(&files, "prod"), @"
    logging.level = info @ common/logging.yaml:1 `level`
    logging.on = prod @ common/logging.yaml:3 `on`
    own = 1 @ config/own.yaml:1 `own`
    prod = last @ last.j2:1 `{{ environment }}`
    z = 8 @ config/prod.yaml.j2:7 `z`
    ");
}

#[test]
fn blocks_of_a_template_that_extends_another_stand_in_their_own_file() {
    let files = [
        (
            "config/prod.yaml.j2",
            "{% extends 'frame.j2' %}\n{% block body %}\npool: 3\n{% endblock %}\n",
        ),
        (
            "frame.j2",
            "first: 1\n{% block body %}\npool: 1\n{% endblock %}\nlast: 2\n",
        ),
    ];
    insta::assert_snapshot!(told(&files, "prod"), @"
    first = 1 @ frame.j2:1 `first`
    pool = 3 @ config/prod.yaml.j2:3 `pool`
    last = 2 @ frame.j2:5 `last`
    ");
}

#[test]
fn template_error_names_the_line_and_what_to_do() {
    insta::assert_snapshot!(prod("a: 1\nb: {{ vars.pol }}\n"), @"
     = {} @ (no layer):1 ``
    template-error: `vars.pol` is undefined
      at config/prod.yaml.j2:2 `vars.pol`
      help: did you mean `vars.pool`?
    ");
    insta::assert_snapshot!(prod("a: {{ environmnt }}\n"), @"
     = {} @ (no layer):1 ``
    template-error: `environmnt` is undefined
      at config/prod.yaml.j2:1 `environmnt`
      help: did you mean `environment`?
    ");
    insta::assert_snapshot!(prod("a: {{ service }}\n"), @"
     = {} @ (no layer):1 ``
    template-error: `service` is undefined
      at config/prod.yaml.j2:1 `service`
      help: it is not set for every target: ask first, `{% if service is defined %}`, or say what stands in for it, `{{ service | default('…') }}`
    ");
    insta::assert_snapshot!(prod("a: {{ env.DB_PORT }}\n"), @"
     = {} @ (no layer):1 ``
    template-error: `env.DB_PORT` is undefined
      at config/prod.yaml.j2:1 `env.DB_PORT`
      help: set it where the command runs, or say what stands in for it: `| default('…')`
    ");
    insta::assert_snapshot!(prod("a: {{ env.DB_HOTS | default(1) }}\n"), @"
     = {} @ (no layer):1 ``
    template-error: the environment variable `DB_HOTS` is not declared in `strata.yaml`
      at config/prod.yaml.j2:1 `env.DB_HOTS`
      help: did you mean `env.DB_HOST`?
    ");
    insta::assert_snapshot!(prod("a: {{ env.HOME }}\n"), @"
     = {} @ (no layer):1 ``
    template-error: the environment variable `HOME` is not declared in `strata.yaml`
      at config/prod.yaml.j2:1 `env.HOME`
      help: add it to the manifest: `env: [HOME]` in `strata.yaml`
    ");
    insta::assert_snapshot!(prod("a: 1\n{% if x %}\n"), @"
     = {} @ (no layer):1 ``
    template-error: the template cannot be read: unexpected end of input, expected end of block
      at config/prod.yaml.j2:2 `{% if x %}`
      help: write `{{ … }}` for a value and `{% … %}` for a statement; put text that holds such braces between `{% raw %}` and `{% endraw %}`
    ");
    insta::assert_snapshot!(prod("a: {{ 1 | to_json }}\n"), @"
     = {} @ (no layer):1 ``
    template-error: there is no filter `to_json`
      at config/prod.yaml.j2:1 `to_json`
      help: did you mean `tojson`?
    ");
    insta::assert_snapshot!(prod("a: {{ 1 + 'x' }}\n"), @"
     = {} @ (no layer):1 ``
    template-error: the template fails here: tried to use + operator on unsupported types number and string
      at config/prod.yaml.j2:1 `1 + 'x'`
      help: correct this line of the template
    ");
    insta::assert_snapshot!(prod("a: {{ debug() }}\n"), @"
     = {} @ (no layer):1 ``
    template-error: there is no function `debug`
      at config/prod.yaml.j2:1 `debug()`
      help: use one of Jinja's own, such as `range`, `dict`, `namespace`
    ");
}

#[test]
fn a_fault_in_what_is_included_names_both_places() {
    let files = [
        ("config/prod.yaml.j2", "a: 1\n{% include 'b.yaml' %}\n"),
        ("b.yaml", "b: 1\nc: {{ none.x.y }}\n"),
    ];
    insta::assert_snapshot!(told(&files, "prod"), @"
     = {} @ (no layer):1 ``
    template-error: `none.x.y` is undefined
      at b.yaml:2 `.x.y`
      and config/prod.yaml.j2:2 `include 'b.yaml'`, included here
      help: known are environment, provider, service, vars and env; a value of your own stands under `vars` in `strata.yaml`
    ");
    insta::assert_snapshot!(prod("a: 1\n{% include 'conifg/x.yaml' %}\n"), @"
     = {} @ (no layer):1 ``
    template-error: there is no file `conifg/x.yaml` here to be included
      at config/prod.yaml.j2:2 `include 'conifg/x.yaml'`
      help: write its path from the root of the repository, or with `./` from beside this template
    ");
    insta::assert_snapshot!(prod("{% include './prod.yaml' %}\n"), @"
     = {} @ (no layer):1 ``
    template-error: there is no file `config/prod.yaml` here to be included
      at config/prod.yaml.j2:1 `include './prod.yaml'`
      help: did you mean `config/prod.yaml.j2`?
    ");
    insta::assert_snapshot!(prod("{% include '../../x.yaml' %}\n"), @"
     = {} @ (no layer):1 ``
    template-error: `../../x.yaml` leads out of the repository
      at config/prod.yaml.j2:1 `include '../../x.yaml'`
      help: include a file of the repository, by its path from the root
    ");
    insta::assert_snapshot!(prod("{% include '/etc/passwd' %}\n"), @"
     = {} @ (no layer):1 ``
    template-error: `/etc/passwd` leads out of the repository
      at config/prod.yaml.j2:1 `include '/etc/passwd'`
      help: include a file of the repository, by its path from the root
    ");
    insta::assert_snapshot!(prod("a: 1\n{% include './prod.yaml.j2' %}\n"), @"
     = {} @ (no layer):1 ``
    template-error: files or macros call each other in a circle, or too deep
      at config/prod.yaml.j2:2 `include './prod.yaml.j2'`
      help: take one of the calls away
    ");
}

#[test]
fn a_fault_in_what_comes_out_shows_the_template() {
    insta::assert_snapshot!(prod("a: 1\nb: {{ 'x: y' }}\nc: 2\n"), @"
     = {} @ (no layer):1 ``
    syntax-error: a second `: ` stands on one line
      at config/prod.yaml.j2:2 `{{ 'x: y' }}`, comes out as `b: x: y`
      help: where a value may hold any text, write `{{ value | tojson }}`, which quotes it
    ");
    insta::assert_snapshot!(prod("b: {{ env.DB_HOST }}: {{ 1 }}\n"), @"
     = {} @ (no layer):1 ``
    syntax-error: a second `: ` stands on one line
      at config/prod.yaml.j2:1 `:`, comes out as `b: <env.DB_HOST>: 1`
      help: where a value may hold any text, write `{{ value | tojson }}`, which quotes it
    ");
    insta::assert_snapshot!(prod("a: 1\n{% for i in [1, 2] %}\nb: {{ i }}\n{% endfor %}\n"), @"
     = {} @ (no layer):1 ``
    duplicate-key: the key `b` stands twice in the same map
      at config/prod.yaml.j2:3 `b`, comes out as `b: 2`
      and config/prod.yaml.j2:3 `b`, first here
      help: where a value may hold any text, write `{{ value | tojson }}`, which quotes it
    ");
    insta::assert_snapshot!(prod("- {{ 1 }}\n"), @"
     = {} @ (no layer):1 ``
    layer-not-a-map: a layer must be a map of keys to values; this is a list
      at config/prod.yaml.j2:1 `- {{ 1 }}`
      help: write `key: value` at the start of the line
    ");
    insta::assert_snapshot!(prod("a: 1\n---\n{{ 'b' }}: 1\n"), @"
     = {} @ (no layer):1 ``
    several-documents: this file holds 2 documents, where one is meant
      at config/prod.yaml.j2:3 `{{ 'b' }}: 1`
      help: a line `---` starts another document: take it away, or split the file
    ");
}

#[test]
fn what_asks_for_too_much_stops() {
    insta::assert_snapshot!(prod("{% for i in range(100000) %}{% for j in range(100000) %}{{ i }}{% endfor %}{% endfor %}"), @"
     = {} @ (no layer):1 ``
    template-error: the template takes more than 500000 steps
      at config/prod.yaml.j2:1 `i`
      help: let its loops go over less
    ");
    insta::assert_snapshot!(prod("a: {{ 'x' * 5000000 }}"), @"
     = {} @ (no layer):1 ``
    template-error: the template comes out as more than 4 MiB
      at config/prod.yaml.j2:1 ``
      help: let it write less, or split the layer
    ");
    insta::assert_snapshot!(prod("{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}"), @"
     = {} @ (no layer):1 ``
    template-error: files or macros call each other in a circle, or too deep
      at config/prod.yaml.j2:1 `f(n)`
      help: take one of the calls away
    ");
}

#[test]
fn json_and_toml_are_rendered_too() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "strata.yaml",
        "strata: 1\nlayers: [a.json.j2, b.toml.j2]\nenvironments: { dev: }\n",
    );
    write(
        folder.path(),
        "a.json.j2",
        "{\n  \"a\": {{ environment | tojson }}\n}\n",
    );
    write(
        folder.path(),
        "b.toml.j2",
        "b = 1\n[c]\nd = {{ environment | tojson }}\n",
    );
    let configuration = Configuration::open(None, Snapshot::of_folder(folder.path())).unwrap();
    let target = configuration.target(Some("dev"), None).unwrap();
    let resolved = configuration.resolve(&target).unwrap();
    assert_eq!(
        resolved.value().to_json().to_string(),
        r#"{"a":"dev","b":1,"c":{"d":"dev"}}"#
    );
    let at = resolved.location(&"c.d".parse().unwrap());
    assert_eq!((at.source.name(), at.start().line), ("b.toml.j2", 3));
}

#[test]
fn line_ends_and_marks_stay_as_they_are() {
    insta::assert_snapshot!(prod("\u{feff}a: 1\r\nb: {{ environment }}\r\ntext: |\r\n  one\r\n"), @r#"
    a = 1 @ config/prod.yaml.j2:1 `a`
    b = prod @ config/prod.yaml.j2:2 `b`
    text = "one\n" @ config/prod.yaml.j2:3 `text`
    "#);
    insta::assert_snapshot!(prod(""), @" = {} @ config/prod.yaml.j2:1 ``");
}

#[test]
fn a_template_is_read_in_the_tree_of_its_environment() {
    let scratch = Scratch::new();
    scratch.write(
        "strata.yaml",
        "strata: 1\nlayers: [a.yaml.j2]\nenvironments:\n  dev: { ref: env/dev }\n  prod:\n",
    );
    scratch.write(
        "a.yaml.j2",
        "{% include 'b.yaml' %}\nin: {{ environment }}\n",
    );
    scratch.write("b.yaml", "b: 1\n");
    scratch.commit("one");
    scratch.git(&["branch", "env/dev"]);
    scratch.write("b.yaml", "b: 2\n");
    scratch.commit("two");
    let repo = scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    let configuration = Configuration::open(Some(repo), here).unwrap();
    let json = |name| {
        let target = configuration.target(Some(name), None).unwrap();
        let resolved = configuration.resolve(&target).unwrap();
        let at = resolved.location(&"b".parse().unwrap());
        format!("{} {:?}", resolved.value().to_json(), at.source.revision())
    };
    assert_eq!(json("dev"), r#"{"b":1,"in":"dev"} Some("env/dev")"#);
    assert_eq!(json("prod"), r#"{"b":2,"in":"prod"} None"#);
}

#[test]
fn templates_that_look_at_nothing_else_are_the_same_everywhere() {
    let plain = [
        ("config/dev.yaml.j2", "a: {{ 1 + 1 }}\n"),
        ("config/prod.yaml.j2", "a: {{ 1 + 1 }}\n"),
    ];
    assert!(same(&plain));
    let differs = [
        ("config/dev.yaml.j2", "a: {{ environment }}\n"),
        ("config/prod.yaml.j2", "a: {{ environment }}\n"),
    ];
    assert!(!same(&differs));
    let broken = [
        ("config/dev.yaml.j2", "a: {{ nothing }}\n"),
        ("config/prod.yaml.j2", "a: {{ nothing }}\n"),
    ];
    assert!(same(&broken));
}

fn same(files: &[(&str, &str)]) -> bool {
    let (_folder, configuration) = configuration(files);
    let closure = |name: &str| {
        let target = configuration.manifest().target(Some(name), None);
        configuration
            .closure(configuration.here(), &target)
            .unwrap()
    };
    closure("dev").is_same(&closure("prod"))
}

/// Parts that a random template is put together from.
const PARTS: &[&str] = &[
    "a: 1\n",
    "b: {{ environment }}\n",
    "c: {{ provider }}\n",
    "d: {{ vars.pool }}\n",
    "e: {{ env.DB_HOST }}\n",
    "f: {{ env.DB_PORT | default(1) }}\n",
    "g: {{ service | default(2) }}\n",
    "{% include 'one.yaml' %}\n",
    "{% include './two.yaml' ignore missing %}\n",
    "{% include environment ~ '.yaml' ignore missing %}\n",
    "{% if vars.on is defined %}",
    "{% endif %}\n",
    "{% for x in vars.hosts %}",
    "{{ x }}: 1\n",
    "{% endfor %}\n",
    "{%- set y = environment -%}",
    "h: {{ y }}\n",
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{% raw %}",
    "{% endraw %}",
    "\u{feff}",
    "\r\n",
    "é: {{ 'ü' * 2 }}\n",
    "- ",
    ": ",
    "{% filter upper %}",
    "{% endfilter %}",
    "{% set z %}",
    "{% endset %}",
    "i: {{ z }}\n",
    "{{ env }}",
    "{{ vars }}",
];

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(PARTS), 0..8)
        .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equal_closures_resolve_to_equal_values(
        templates in proptest::array::uniform2(text()),
        alike in any::<bool>(),
        one in text(), two in proptest::option::of(text()), other in proptest::option::of(text()),
        vars in proptest::array::uniform2("(pool: [12]|on: 1|hosts: \\[q\\])"),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let manifest = format!("strata: 1\nlayers: ['{{environment}}/t.yaml.j2']\nenvironments:\n  dev: {{ vars: {{ {} }} }}\n  prod: {{ vars: {{ {} }} }}\nenv: [DB_HOST, DB_PORT]\n", vars[0], vars[1]);
        write(folder.path(), "strata.yaml", &manifest);
        write(folder.path(), "dev/t.yaml.j2", &templates[0]);
        write(folder.path(), "prod/t.yaml.j2", &templates[usize::from(!alike)]);
        write(folder.path(), "one.yaml", &one);
        if let Some(two) = &two { write(folder.path(), "dev/two.yaml", two); }
        if let Some(other) = &other { write(folder.path(), "prod.yaml", other); }
        let configuration = Configuration::open(None, Snapshot::of_folder(folder.path())).unwrap();
        let read = |name: &str| {
            let target = configuration.manifest().target(Some(name), None);
            let closure = configuration.closure(configuration.here(), &target).unwrap();
            let (resolved, findings) = configuration.resolve_in(configuration.here(), &target).unwrap();
            let said: Vec<String> = findings.iter().map(|it| it.message.clone()).collect();
            (closure, resolved, said)
        };
        let ((a, dev, wrong_dev), (b, prod, wrong_prod)) = (read("dev"), read("prod"));
        if a.is_same(&b) {
            prop_assert_eq!(dev.value(), prod.value());
            prop_assert_eq!(wrong_dev, wrong_prod);
        }
        // Every place is one of a text.
        for resolved in [&dev, &prod] {
            resolved.walk(|pointer, _| {
                let at = resolved.location(pointer);
                assert!(at.span.end as usize <= at.source.text().len());
                assert!(at.source.text().is_char_boundary(at.span.start as usize));
            });
        }
    }

    #[test]
    fn a_text_without_tags_reads_as_it_does_by_itself(text in "([a-c]: ([a-z]{1,3}|[0-9]{1,2})\r?\n|  # [a-zé]{0,3}\n){0,6}") {
        let plain = ParsedFile::of_bytes("config/prod.yaml", text.as_bytes());
        let (_folder, configuration) = configuration(&[("config/prod.yaml.j2", &text)]);
        let target = Target::default().with(Name::Environment, "prod");
        let path = b"config/prod.yaml.j2".as_bstr();
        let file = configuration.layer(configuration.here(), &target, path).unwrap().unwrap();
        let spans = |file: &ParsedFile| {
            let documents = file.documents().iter().map(|it| format!("{:?}", it.root));
            documents.collect::<Vec<_>>()
        };
        prop_assert_eq!(spans(&plain), spans(&file));
    }
}
