use super::super::Profile;
use super::super::tests::of;
use super::*;

/// Gives what is said to do about each change, with what it rests on.
fn told(old: &str, new: &str) -> String {
    let comparison = of(old, new, Profile::Default);
    let mut out = String::new();
    for change in &comparison.changes {
        let Some(migration) = &change.migration else {
            continue;
        };
        let others = migration
            .alternatives
            .iter()
            .map(|it| match (&it.to, &it.value) {
                (Some(to), _) => to.dotted(),
                (_, Some(value)) => value.to_json().to_string(),
                _ => String::new(),
            });
        let others: Vec<String> = others.collect();
        out.push_str(&format!("{} ({})", migration.words(), migration.score));
        if !others.is_empty() {
            out.push_str(&format!(" or {}", others.join(", ")));
        }
        out.push('\n');
    }
    out
}

/// Puts options into a closed map.
fn map(options: &str) -> String {
    format!("type: object\nadditionalProperties: false\nproperties:\n{options}")
}

#[test]
fn options_are_found_again() {
    let old = map(
        "  poolSize: {type: integer, description: How many connections are kept open, default: 20}
  timeout_ms: {type: integer, description: How long a request may take}
  disabled: {type: boolean, description: Whether the whole exporter is disabled}
  mode: {enum: [fast, safe], description: What is preferred}
  gone: {type: string}
  said: {type: string, x-replaced-by: other.place}
  tls: {type: object, properties: {cert: {type: string}, key: {type: string}, ca: {type: string}}}\n",
    );
    let new = map(
        "  pool_size: {type: integer, description: How many connections are kept open at most, default: 20, minimum: 1}
  request_timeout_s: {type: number, description: How long one request may take}
  enabled: {type: boolean, description: Whether the whole exporter is enabled}
  behaviour: {type: object, properties: {mode: {enum: [fast, safe], description: What is preferred}}}
  other: {type: object, properties: {place: {type: integer}}}
  security: {type: object, properties: {cert: {type: string}, key: {type: string}, ca: {type: string, minLength: 1}}}\n",
    );
    insta::assert_snapshot!(told(&old, &new), @"
    probably write `enabled` instead of `disabled`, with `true` and `false` turned round (0.81)
    take `gone` out (1)
    probably write `behaviour.mode` instead of `mode` (0.91)
    probably write `pool_size` instead of `poolSize` (0.94)
    write `other.place` instead of `said` (1)
    probably write `request_timeout_s` instead of `timeout_ms`, multiplied by 0.001 (0.72)
    probably write `security` instead of `tls` (0.62)
    ");
}

#[test]
fn values_are_found_again() {
    let old = map("  level: {enum: [warning, info, trace], default: info}
  exporter: {enum: [jaeger, zipkin, otlp]}
  kind: {const: a}
  size: {enum: [1, 8, 64]}
  odd: {enum: [x, y]}\n");
    let new = map("  level: {enum: [warn, info], default: info}
  exporter: {enum: [zipkin, otlp], default: otlp}
  kind: {const: b}
  size: {enum: [1, 16, 64]}
  odd: {enum: [long word, other]}\n");
    insta::assert_snapshot!(told(&old, &new), @r#"
    write `otlp` instead of `jaeger` for `exporter` (0.6) or "zipkin"
    write `b` instead of `a` for `kind` (1)
    write `info` instead of `trace` for `level` (0.6) or "warn"
    write `warn` instead of `warning` for `level` (0.8) or "info"
    write another value than `x` for `odd`, such as `long word` or `other` (0) or "long word", "other"
    write another value than `y` for `odd`, such as `long word` or `other` (0) or "long word", "other"
    write `16` instead of `8` for `size` (0.68) or 1, 64
    "#);
}

#[test]
fn everything_else_that_can_be_done() {
    let old = map("  a: {type: integer, maximum: 9, x-unit: ms, default: 3}
  b: {type: string}
  c: {type: [string, 'null']}
  d: {type: string}
  e: {type: number}
  f: {type: object}
  g: {type: [string, 'null']}
  h: {type: string, x-unit: parsec}
  i: {type: string}\n");
    let new = map("  a: {type: integer, maximum: 5, x-unit: s, default: 4}
  b: {type: array, items: {type: string}}
  c: {type: string}
  d: {type: integer}
  e: {type: integer}
  f: {type: string}
  g: {type: string}
  h: {type: string, x-unit: mile}
  i: false
  j: {type: string}
  k: {type: string, default: x}
  l: {const: 7}\nrequired: [g, j, k, l]\n");
    insta::assert_snapshot!(told(&old, &new), @"
    keep `a` at most `5` (1)
    write `b` as a list of one (1)
    take `c` out (1)
    write `d` as integer (1)
    write `e` as integer (1)
    set `g`; there is no default (1)
    take `i` out (1)
    set `j`; there is no default (1)
    set `k` to `x` (1)
    set `l` to `7` (1)
    set `a` to `3` where the old default is wanted (1)
    write `a`, multiplied by 0.001 (1)
    ");
}

#[test]
fn an_option_that_moved_into_a_new_map_is_named_so() {
    let old = map("  pool: {type: integer, minimum: 1}\n");
    let new = map("  database: {type: object, properties: {pool: {type: integer, minimum: 1}}}\n");
    let comparison = of(&old, &new, Profile::Default);
    let change = &comparison.changes[0];
    assert_eq!(change.rule.id(), "option-moved");
    assert!(
        change.message.contains("`database.pool`"),
        "{}",
        change.message
    );
    let migration = change.migration.as_ref().unwrap();
    assert_eq!(migration.kind, MigrationKind::Move);
    let json = serde_json::to_value(migration).unwrap();
    assert_eq!(json["to"], "/database/pool");
    assert_eq!(json["kind"], "move");
}
