use insta::assert_snapshot;

use super::{carried, migration, value};

/// Applies steps and what undoes them.
fn comes_back(steps: &str, document: &str) {
    let there = migration(steps);
    let back = there
        .inverse()
        .unwrap_or_else(|why| panic!("{steps}: {why}"));
    let before = value(document);
    let between = carried(&there, before.clone());
    assert_ne!(between, before, "{steps} does something");
    let after = carried(&back, between.clone());
    assert_eq!(
        after,
        before,
        "{steps}\n{}",
        crate::document::write_yaml(&after)
    );
}

#[test]
fn what_has_an_inverse_comes_back() {
    for (steps, document) in [
        ("  - {rename: a.b, to: c}\n", "a: {b: 1, z: 2}\n"),
        (
            "  - {rename: a.*.b, to: c}\n",
            "a: {x: {b: 1}, y: {b: 2}}\n",
        ),
        ("  - {move: a.b, to: c.d}\n", "a: {b: 1}\nz: 2\n"),
        (
            "  - {move: a.*.b, to: c.*}\n",
            "a: {x: {b: 1}, y: {b: 2}}\n",
        ),
        ("  - {move: a, to: a.b}\n", "a: 1\n"),
        ("  - {copy: a, to: c.d}\n", "a: 1\n"),
        ("  - {remove: a.b, was: 5}\n", "a: {b: 5}\n"),
        ("  - {add: a.b, value: 5}\n", "a: {}\n"),
        ("  - {add: a.b.c, value: 5, create: true}\n", "x: 1\n"),
        ("  - {pin_default: a.b, value: 5}\n", "x: 1\n"),
        ("  - {map_values: a, values: {x: y, z: w}}\n", "a: z\n"),
        (
            "  - {map_values: a, values: [{from: 1, to: one}]}\n",
            "a: 1\n",
        ),
        ("  - {convert: a, unit: {from: s, to: ms}}\n", "a: 1.5\n"),
        ("  - {convert: a, factor: 60}\n", "a: 7\n"),
        (
            "  - {convert: a, duration: {from: s, to: text}}\n",
            "a: 5400\n",
        ),
        (
            "  - {convert: a, duration: {from: ms, to: iso}}\n",
            "a: 1500\n",
        ),
        ("  - {convert: a, negate: true}\n", "a: true\n"),
        (
            "  - {convert: a, type: string, 'true': 'on', 'false': 'off'}\n",
            "a: false\n",
        ),
        (
            "  - {convert: a, type: string, from: number}\n",
            "a: 1.50\n",
        ),
        (
            "  - {convert: a, type: integer, from: string}\n",
            "a: '15'\n",
        ),
        ("  - {wrap: a}\n", "a: x\n"),
        ("  - {wrap: a.*, key: name}\n", "a: {x: 1, y: {name: 2}}\n"),
        ("  - {unwrap: a}\n", "a: [x]\n"),
        (
            "  - {split: a, by: ':', into: [b, c], types: [string, integer]}\n",
            "a: h:80\n",
        ),
        (
            "  - {merge: [b, c], into: a, with: ':', types: [string, integer]}\n",
            "b: h\nc: 80\n",
        ),
        (
            "  - {hoist: s.http, prefix: http_, only: [port, host]}\n",
            "s: {http: {port: 1, host: h}}\n",
        ),
        (
            "  - {hoist: s.http, only: [port]}\n",
            "s: {http: {port: 1, host: h}}\n",
        ),
        (
            "  - {plunge: [tls_a, tls_b], into: tls, strip: tls_}\n",
            "tls_a: 1\ntls_b: 2\n",
        ),
        ("  - {to_map: u, key: n}\n", "u: [{n: a, x: 1}, {n: b}]\n"),
        (
            "  - {to_list: u, key: n, value: v}\n",
            "u: {a: 1, b: [2]}\n",
        ),
        (
            "  - {each: s.*, steps: [{rename: a, to: b}, {move: b, to: c.d}]}\n",
            "s: {x: {a: 1}, y: {a: 2}}\n",
        ),
        (
            "  - {when: {path: k, equals: m}, steps: [{rename: a, to: b}]}\n",
            "k: m\na: 1\n",
        ),
        (
            "  - {rename: a, to: b, when: {path: k, equals: m}}\n  - {note: x}\n",
            "k: m\na: 1\n",
        ),
        (
            "  - {set: a, value: 2, inverse: [{set: a, value: 1}]}\n",
            "a: 1\n",
        ),
        (
            "  - {rename: a, to: b}\n  - {rename: b, to: c}\n  - {wrap: c}\n",
            "a: 1\n",
        ),
    ] {
        comes_back(steps, document);
    }
}

#[test]
fn what_has_none_says_why() {
    let mut told = String::new();
    for step in [
        "{remove: a}",
        "{set: a, value: 1}",
        "{move: a.*.x, to: b}",
        "{move: a, to: b, if-exists: replace}",
        "{rename: a, to: b, if-exists: keep}",
        "{pin_default: a}",
        "{map_values: a, values: {x: z, y: z}}",
        "{map_values: a, values: {1: z}}",
        "{convert: a, duration: {from: text, to: s}}",
        "{convert: a, type: boolean}",
        "{split: a, by: ',', trim: true}",
        "{merge: [a, b], into: c}",
        "{hoist: a}",
        "{regex_replace: a, pattern: x, with: y}",
        "{cel: 'self + 1', at: a}",
        "{rename: a, to: b, when: {path: a, equals: 1}}",
        "{when: {path: a, equals: 1}, steps: [{rename: a, to: b}]}",
        "{each: a.*, steps: [{move: '', to: $.b.*}]}",
        "{convert: a, negate: true, when: {equals: true}}",
    ] {
        let why = migration(&format!("  - {step}\n")).inverse().unwrap_err();
        told.push_str(&format!("{why}\n"));
    }
    assert_snapshot!(told, @"
    step 1 (`remove`) at line 3 cannot be undone: `was` does not say what it took out
    step 1 (`set`) at line 3 cannot be undone: what stood there is not known
    step 1 (`move`) at line 3 cannot be undone: several places go to one
    step 1 (`move`) at line 3 cannot be undone: what stood at the new place may be lost
    step 1 (`rename`) at line 3 cannot be undone: what stood at the new place may be lost
    step 1 (`pin_default`) at line 3 cannot be undone: `value` does not say what it added
    step 1 (`map_values`) at line 3 cannot be undone: the types of the old values are not known; write them as a list of pairs
    step 1 (`map_values`) at line 3 cannot be undone: the types of the old values are not known; write them as a list of pairs
    step 1 (`convert`) at line 3 cannot be undone: several values become one, or are written another way
    step 1 (`convert`) at line 3 cannot be undone: several values become one, or are written another way
    step 1 (`split`) at line 3 cannot be undone: parts of the text may be lost
    step 1 (`merge`) at line 3 cannot be undone: what came from where cannot be told
    step 1 (`hoist`) at line 3 cannot be undone: `only` does not say what it moved
    step 1 (`regex_replace`) at line 3 cannot be undone: what a pattern replaced is not known
    step 1 (`cel`) at line 3 cannot be undone: an expression cannot be turned round
    step 1 (`rename`) at line 3 cannot be undone: its condition looks at what it changes
    step 1 (`when`) at line 3 cannot be undone: its condition looks at what its steps change
    step 1 (`each`) at line 3 cannot be undone: its steps may move the places that it goes over
    step 1 (`convert`) at line 3 cannot be undone: its condition looks at what it changes
    ");
}
