use insta::assert_snapshot;

use super::{Migration, Run, Secrets, carry, migration, show, value};
use crate::document::Kind;
use crate::text::{Pointer, Span};

#[test]
fn rename_keeps_the_position() {
    let steps = "  - {rename: db.pool_size, to: max_connections, why: connections are counted}\n";
    assert_snapshot!(carry(steps, "db: {a: 1, pool_size: 5, z: 2}\n"), @"
    db:
      a: 1
      max_connections: 5
      z: 2
    - rename db.pool_size → db.max_connections
    ");
    assert_snapshot!(carry(steps, "db: {pool_size: 5, max_connections: 6}\n"), @"
    db:
      pool_size: 5
      max_connections: 6
    ! `db.pool_size` and `db.max_connections` are both set, and differ; take one of the two out, or make `db.max_connections` what both say
    ");
    assert_snapshot!(carry(steps, "db: {pool_size: 5, max_connections: 5.0}\n"), @"
    db:
      max_connections: 5.0
    - rename db.pool_size → db.max_connections
    ");
    assert_snapshot!(carry(steps, "other: 1\n"), @"other: 1");
    assert_snapshot!(carry("  - {rename: l.0, to: a}\n", "l: [1]\n"), @"
    l:
      - 1
    ! `l.0` is an item of a list, and has no name to change
    ");
}

#[test]
fn rename_goes_to_any_depth() {
    assert_snapshot!(carry("  - {rename: '**.a', to: b}\n", "a: {a: {x: {a: 1}}}\n"), @"
    b:
      b:
        x:
          b: 1
    - rename a.a.x.a → a.a.x.b
    - rename a.a → a.b
    - rename a → b
    ");
    assert_snapshot!(carry("  - {rename: services.*.p, to: port}\n", "services: {x: {p: 1}, y: {q: 2}, z: {p: 3}}\n"), @"
    services:
      x:
        port: 1
      y:
        q: 2
      z:
        port: 3
    - rename services.x.p → services.x.port
    - rename services.z.p → services.z.port
    ");
}

#[test]
fn move_makes_maps_and_takes_empty_ones_away() {
    let steps = "  - {move: legacy.cache.ttl, to: cache.ttl}\n";
    assert_snapshot!(carry(steps, "legacy: {cache: {ttl: 5}}\nz: 1\n"), @"
    z: 1
    cache:
      ttl: 5
    - move legacy.cache.ttl → cache.ttl
    ");
    assert_snapshot!(carry(steps, "legacy: {cache: {ttl: 5}, x: 1}\ncache:\n"), @"
    legacy:
      x: 1
    cache:
      ttl: 5
    - move legacy.cache.ttl → cache.ttl
    ");
    assert_snapshot!(carry(steps, "legacy: {cache: {ttl: 5}}\ncache: none\n"), @"
    legacy:
      cache:
        ttl: 5
    cache: none
    ! `cache` is a text, so there can be no `cache.ttl` in it; carry `legacy.cache.ttl` over by hand
    ");
    let keep = "  - {move: a.b.c, to: d, keep-empty: true}\n";
    assert_snapshot!(carry(keep, "a: {b: {c: 1}}\n"), @"
    a:
      b: {}
    d: 1
    - move a.b.c → d
    ");
    assert_snapshot!(carry("  - {move: a.*.x, to: b.*.y}\n", "a: {k: {x: 1}, l: {x: 2, z: 3}}\n"), @"
    a:
      l:
        z: 3
    b:
      k:
        y: 1
      l:
        y: 2
    - move a.k.x → b.k.y
    - move a.l.x → b.l.y
    ");
    assert_snapshot!(carry("  - {move: a.*, to: '*'}\n", "a: {k: 1, l: 2, z: 3}\nz: 4\n"), @"
    a:
      z: 3
    z: 4
    k: 1
    l: 2
    - move a.k → k
    - move a.l → l
    ! `a.z` and `z` are both set, and differ; take one of the two out, or make `z` what both say
    ");
}

#[test]
fn move_into_and_out_of_itself() {
    assert_snapshot!(carry("  - {move: a, to: a.b.c}\n", "a: 5\n"), @"
    a:
      b:
        c: 5
    - move a → a.b.c
    ");
    assert_snapshot!(carry("  - {move: a.b.c, to: a}\n", "a: {b: {c: 5}}\n"), @"
    a: 5
    - move a.b.c → a
    ");
    assert_snapshot!(carry("  - {move: a.b.c, to: a}\n", "a: {b: {c: 5, d: 6}}\n"), @"
    a:
      b:
        c: 5
        d: 6
    ! `a` holds more than `a.b.c`; say where the rest of `a` goes, then move it by hand
    ");
    assert_snapshot!(carry("  - {move: l.0, to: l.1.x}\n", "l: [1, {}]\n"), @"
    l:
      - 1
      - {}
    ! an item cannot be moved within its own list; carry `l.0` over by hand
    ");
    assert_snapshot!(carry("  - {move: l.*, to: m.*}\n", "l: [1, 2]\nm: []\n"), @"
    l:
      - 2
    m:
      - 1
    - move l.0 → m.0
    ! `m` is a list, so there can be no `m.1` in it; carry `l.1` over by hand
    ");
}

#[test]
fn what_is_set_already_is_not_lost() {
    let document = "a: {x: 1, l: [1]}\nb: {y: 2, l: [2]}\n";
    for if_exists in ["keep", "replace", "merge", "stop"] {
        let steps = format!("  - {{move: a, to: b, if-exists: {if_exists}}}\n");
        insta::with_settings!({description => if_exists}, {
            match if_exists {
                "keep" => assert_snapshot!(carry(&steps, document), @"
                b:
                  y: 2
                  l:
                    - 2
                - move a → b ({x: 1, l: [1]} → …)
                "),
                "replace" => assert_snapshot!(carry(&steps, document), @r#"
                b:
                  x: 1
                  l:
                    - 1
                - move a → b ({"y": 2, l: [2]} → …)
                "#),
                "merge" => assert_snapshot!(carry(&steps, document), @"
                b:
                  y: 2
                  l:
                    - 2
                    - 1
                  x: 1
                - move a → b
                "),
                _ => assert_snapshot!(carry(&steps, document), @"
                a:
                  x: 1
                  l:
                    - 1
                b:
                  y: 2
                  l:
                    - 2
                ! `a` and `b` are both set, and differ; take one of the two out, or make `b` what both say
                "),
            }
        });
    }
    let steps = "  - {move: a, to: b, if-exists: merge}\n";
    assert_snapshot!(carry(steps, "a: {x: 1, z: 1}\nb: {x: 2}\n"), @"
    a:
      x: 1
    b:
      x: 2
      z: 1
    ! `a` and `b` set the same things differently; carry over by hand what is left in `a`
    ");
}

#[test]
fn copy_leaves_the_original() {
    assert_snapshot!(carry("  - {copy: a.b, to: c.d}\n", "a: {b: {x: 1}}\n"), @"
    a:
      b:
        x: 1
    c:
      d:
        x: 1
    - copy a.b → c.d
    ");
    assert_snapshot!(carry("  - {copy: a, to: b}\n", "a: 1\nb: 2\n"), @"
    a: 1
    b: 2
    ! `b` is set already, and differs from `a`; make `b` what both say
    ");
    assert_snapshot!(carry("  - {copy: a, to: b, if-exists: replace}\n", "a: 1\nb: 2\n"), @"
    a: 1
    b: 1
    - copy a → b (2 → …)
    ");
}

#[test]
fn remove_says_what_is_gone() {
    assert_snapshot!(carry("  - {remove: a.b}\n", "a: {b: 1, c: 2}\n"), @"
    a:
      c: 2
    - remove a.b (1 → …)
    ");
    assert_snapshot!(carry("  - {remove: a.*}\n", "a: {b: 1, c: 2}\n"), @"
    a: {}
    - remove a.b (1 → …)
    - remove a.c (2 → …)
    ");
    assert_snapshot!(carry("  - {remove: l.*.x}\n  - {remove: l.-1}\n", "l: [{x: 1}, {x: 2, y: 3}, 4]\n"), @"
    l:
      - {}
      - y: 3
    - remove l.0.x (1 → …)
    - remove l.1.x (2 → …)
    - remove l.2 (4 → …)
    ");
    assert_snapshot!(carry("  - {remove: a, was: true}\n", "a: false\n"), @"
    a: false
    ! `a` is `false`, not `true` as the migration expects; take `a` out by hand if it is not wanted
    ");
    assert_snapshot!(carry("  - {remove: '**', when: {equals: 1}}\n", "a: {b: 1, c: [1, 2, 1]}\n"), @"
    a:
      c:
        - 2
    - remove a.b (1 → …)
    - remove a.c.0 (1 → …)
    - remove a.c.2 (1 → …)
    ");
}

#[test]
fn add_sets_what_is_absent() {
    assert_snapshot!(carry("  - {add: server.timeout, value: 30}\n", "server: {a: 1}\n"), @"
    server:
      a: 1
      timeout: 30
    - add server.timeout (… → 30)
    ");
    assert_snapshot!(carry("  - {add: server.timeout, value: 30}\n", "server: {timeout: 1}\n"), @"
    server:
      timeout: 1
    ");
    assert_snapshot!(carry("  - {add: server.timeout, value: 30}\n", "x: 1\n"), @"x: 1");
    assert_snapshot!(carry("  - {add: server.http.timeout, value: 30, create: true}\n", "x: 1\n"), @"
    x: 1
    server:
      http:
        timeout: 30
    - add server.http.timeout (… → 30)
    ");
    assert_snapshot!(carry("  - {add: s.*.t, value: null}\n", "s: {a: {}, b: {t: 1}, c: 5}\n"), @"
    s:
      a:
        t: null
      b:
        t: 1
      c: 5
    - add s.a.t (… → null)
    ");
}

#[test]
fn set_and_pin_default() {
    assert_snapshot!(carry("  - {set: server.mode, value: strict}\n", "server: {mode: lax}\n"), @"
    server:
      mode: strict
    - set server.mode (lax → strict)
    ");
    assert_snapshot!(carry("  - {set: server.mode, value: strict}\n", "x: 1\n"), @"
    x: 1
    server:
      mode: strict
    - set server.mode (… → strict)
    ");
    assert_snapshot!(carry("  - {set: x.mode, value: strict}\n", "x: 1\n"), @"
    x: 1
    ! `x` is a number, so there can be no `x.mode` in it
    ");
    assert_snapshot!(carry("  - {pin_default: log.level}\n", "x: 1\n"), @"
    x: 1
    log:
      level: info
    - pin_default log.level (… → info)
    ");
    assert_snapshot!(carry("  - {pin_default: log.level}\n", "log: {level: warn}\n"), @"
    log:
      level: warn
    ");
    assert_snapshot!(carry("  - {pin_default: log.format}\n", "log: {level: warn}\n"), @"
    log:
      level: warn
    ! the default that `log.format` had is not known; set `log.format` to what it was by itself
    ");
    assert_snapshot!(carry("  - {pin_default: log.format, value: json}\n", "log: {level: warn}\n"), @"
    log:
      level: warn
      format: json
    - pin_default log.format (… → json)
    ");
}

#[test]
fn values_are_mapped() {
    let steps = "  - {map_values: log.level, values: {verbose: debug, 'off': none, 3: trace}}\n";
    assert_snapshot!(carry(steps, "log: {level: verbose}\n"), @"
    log:
      level: debug
    - map_values log.level (verbose → debug)
    ");
    assert_snapshot!(carry(steps, "log: {level: 3}\n"), @"
    log:
      level: trace
    - map_values log.level (3 → trace)
    ");
    assert_snapshot!(carry(steps, "log: {level: info}\n"), @"
    log:
      level: info
    ");
    let stop = "  - {map_values: l, values: {a: b}, otherwise: stop}\n";
    assert_snapshot!(carry(stop, "l: c\n"), @"
    l: c
    ! `l` is `c`, for which no new value is known; set it by hand; new values are `b`
    ");
    assert_snapshot!(carry(stop, "l: b\n"), @"l: b");
    let other = "  - {map_values: l, values: [{from: 1, to: one}], otherwise: {value: many}}\n";
    assert_snapshot!(carry(other, "l: 7\n"), @"
    l: many
    - map_values l (7 → many)
    ");
    assert_snapshot!(carry(other, "l: 1.0\n"), @"
    l: one
    - map_values l (1.0 → one)
    ");
}

#[test]
fn values_are_converted() {
    let unit = "  - {convert: t, unit: {from: s, to: ms}}\n";
    assert_snapshot!(carry(unit, "t: 0.25\n"), @"
    t: 250
    - convert t (0.25 → 250)
    ");
    assert_snapshot!(carry(unit, "t: soon\n"), @"
    t: soon
    ! `t` (`soon`) is a text, not a number; write it the new way by hand
    ");
    assert_snapshot!(carry("  - {convert: t, factor: 1000}\n", "t: 3\n"), @"
    t: 3000
    - convert t (3 → 3000)
    ");
    assert_snapshot!(carry("  - {convert: t, unit: {from: s, to: min}}\n", "t: 10\n"), @"
    t: 10
    ! `t`: 10 in s cannot be written exactly in min; write it the new way by hand
    ");
    assert_snapshot!(carry("  - {convert: t, duration: {from: s, to: text}}\n", "t: 5400\n"), @"
    t: 1h30m
    - convert t (5400 → 1h30m)
    ");
    assert_snapshot!(carry("  - {convert: t, duration: {from: text, to: iso}}\n", "t: 1h30m\n"), @"
    t: PT1H30M
    - convert t (1h30m → PT1H30M)
    ");
    assert_snapshot!(carry("  - {convert: t, duration: {from: iso, to: s}}\n", "t: PT30S\n"), @"
    t: 30
    - convert t (PT30S → 30)
    ");
    assert_snapshot!(carry("  - {convert: t, type: boolean}\n", "t: 'yes'\n"), @r#"
    t: true
    - convert t ("yes" → true)
    "#);
    assert_snapshot!(carry("  - {convert: t, type: string, 'true': 'on', 'false': 'off'}\n", "t: true\n"), @r#"
    t: "on"
    - convert t (true → "on")
    "#);
    assert_snapshot!(carry("  - {convert: f.disabled, negate: true}\n  - {rename: f.disabled, to: enabled}\n", "f: {disabled: true}\n"), @"
    f:
      enabled: false
    - convert f.disabled (true → false)
    - rename f.disabled → f.enabled
    ");
}

#[test]
fn values_are_wrapped_and_unwrapped() {
    assert_snapshot!(carry("  - {wrap: h, as: list}\n", "h: a\n"), @"
    h:
      - a
    - wrap h
    ");
    assert_snapshot!(carry("  - {wrap: h, as: list}\n", "h: [a]\n"), @"
    h:
      - a
    ");
    assert_snapshot!(carry("  - {wrap: h, key: name}\n", "h: a\n"), @"
    h:
      name: a
    - wrap h
    ");
    assert_snapshot!(carry("  - {unwrap: h}\n", "h: [a]\n"), @"
    h: a
    - unwrap h
    ");
    assert_snapshot!(carry("  - {unwrap: h}\n", "h: [a, b]\n"), @"
    h:
      - a
      - b
    ! `h` has 2 items, and there is room for one; choose one by hand
    ");
    assert_snapshot!(carry("  - {unwrap: h, key: name}\n", "h: {name: a}\n"), @"
    h: a
    - unwrap h
    ");
    assert_snapshot!(carry("  - {unwrap: h, key: name}\n", "h: {name: a, x: 1}\n"), @"
    h:
      name: a
      x: 1
    ! `h` holds something else than `name` alone; keep `name` alone
    ");
}

#[test]
fn a_text_becomes_a_map_of_its_parts() {
    let steps = "  - {split: image, by: ':', into: [image.name, image.tag]}\n";
    assert_snapshot!(carry(steps, "a: 1\nimage: shop:v1\nz: 1\n"), @r#"
    a: 1
    image:
      name: shop
      tag: v1
    z: 1
    - split image → image.name ("shop:v1" → shop)
    - split image → image.tag ("shop:v1" → v1)
    "#);
    let steps = "  - {split: hosts.*, by: ':', into: [hosts.*.name, hosts.*.port]}\n";
    assert_snapshot!(carry(steps, "hosts: ['a:80', 'b:81']\n"), @r#"
    hosts:
      - name: a
        port: "80"
      - name: b
        port: "81"
    - split hosts.0 → hosts.0.name ("a:80" → a)
    - split hosts.0 → hosts.0.port ("a:80" → "80")
    - split hosts.1 → hosts.1.name ("b:81" → b)
    - split hosts.1 → hosts.1.port ("b:81" → "81")
    "#);
    let steps = "  - {split: a, by: ':', into: [b, b.c]}\n";
    assert_snapshot!(carry(steps, "a: x:y\n"), @"
    a: x:y
    ! `b` and `b.c` cannot both be set; divide it by hand
    ");
}

#[test]
fn texts_are_split() {
    let steps = "  - {split: address, by: ':', into: [host, port], types: [string, integer]}\n";
    assert_snapshot!(carry(steps, "a: 1\naddress: h:80\nz: 1\n"), @r#"
    a: 1
    host: h
    port: 80
    z: 1
    - split address → host ("h:80" → h)
    - split address → port ("h:80" → 80)
    "#);
    assert_snapshot!(carry(steps, "address: '::1'\n"), @r#"
    address: "::1"
    ! `address` (`"::1"`) has 3 parts divided by `:`, and 2 are needed; divide it by hand
    "#);
    assert_snapshot!(carry(steps, "address: h:x\n"), @r#"
    address: h:x
    ! `address` (`"h:x"`) has a part that is no whole number; divide it by hand
    "#);
    assert_snapshot!(carry(steps, "address: h:80\nport: 81\n"), @"
    address: h:80
    port: 81
    ! `port` is set already; divide it by hand
    ");
    assert_snapshot!(carry("  - {split: options, by: ',', trim: true}\n", "options: 'a, b'\n"), @r#"
    options:
      - a
      - b
    - split options ("a, b" → [a, b])
    "#);
    let pattern = "  - {split: s.*.url, pattern: '^(?<scheme>\\w+)://(?<host>[^/]+)$'}\n";
    assert_snapshot!(carry(pattern, "s: {a: {url: 'http://x'}, b: {url: x}}\n"), @r#"
    s:
      a:
        scheme: http
        host: x
      b:
        url: x
    - split s.a.url → s.a.scheme ("http://x" → http)
    - split s.a.url → s.a.host ("http://x" → x)
    ! `s.b.url` (`x`) does not match `^(?<scheme>\w+)://(?<host>[^/]+)$`; divide it by hand
    "#);
    let into = "  - {split: s.*.url, pattern: '^(?<h>.*):(?<p>\\d+)$', into: {h: 's.*.host', p: 's.*.port'}}\n";
    assert_snapshot!(carry(into, "s: {a: {url: 'x:1'}}\n"), @r#"
    s:
      a:
        host: x
        port: "1"
    - split s.a.url → s.a.host ("x:1" → x)
    - split s.a.url → s.a.port ("x:1" → "1")
    "#);
}

#[test]
fn values_are_merged() {
    let steps = "  - {merge: [host, port], into: address, with: ':'}\n";
    assert_snapshot!(carry(steps, "a: 1\nhost: h\nport: 80\nz: 2\n"), @r#"
    a: 1
    address: h:80
    z: 2
    - merge host → address (h → "h:80")
    - merge port → address (80 → "h:80")
    "#);
    assert_snapshot!(carry(steps, "port: 80\n"), @"
    port: 80
    ! `port` cannot become one: `host` is not set
    ");
    assert_snapshot!(carry(steps, "z: 2\n"), @"z: 2");
    assert_snapshot!(carry("  - {merge: [a, b], into: a, unique: true}\n", "a: [1, 2]\nb: [2, 3]\n"), @"
    a:
      - 1
      - 2
      - 3
    - merge a → a
    - merge b → a
    ");
    assert_snapshot!(carry("  - {merge: [s.*.a, s.*.b], into: s.*.c}\n", "s: {x: {a: {p: 1}, b: {q: 2}}, y: {b: {q: 3}}}\n"), @"
    s:
      x:
        c:
          p: 1
          q: 2
      y:
        c:
          q: 3
    - merge s.x.a → s.x.c
    - merge s.x.b → s.x.c
    - merge s.y.b → s.y.c
    ");
    assert_snapshot!(carry("  - {merge: [a, b], into: c}\n", "a: {p: 1}\nb: {p: 2}\n"), @"
    a:
      p: 1
    b:
      p: 2
    ! `a`, `b` cannot become one: both set `p`, and differ
    ");
    assert_snapshot!(carry("  - {merge: [a, b], into: c}\n", "a: 1\nb: 2\n"), @"
    a: 1
    b: 2
    ! `a`, `b` cannot become one: one is a number, another a number
    ");
}

#[test]
fn entries_move_up_and_down() {
    assert_snapshot!(carry("  - {hoist: server.http, prefix: http_}\n", "server: {a: 1, http: {port: 80, host: x}, z: 2}\n"), @"
    server:
      a: 1
      http_port: 80
      http_host: x
      z: 2
    - hoist server.http.port → server.http_port
    - hoist server.http.host → server.http_host
    ");
    assert_snapshot!(carry("  - {hoist: server.http, only: [port]}\n", "server: {http: {port: 80, host: x}, z: 2}\n"), @"
    server:
      http:
        host: x
      port: 80
      z: 2
    - hoist server.http.port → server.port
    ");
    assert_snapshot!(carry("  - {hoist: server.http}\n", "server: {http: {z: 80, host: x}, z: 2}\n"), @"
    server:
      http:
        z: 80
      host: x
      z: 2
    - hoist server.http.host → server.host
    ! `server.z` is set already; take `server.z` or `server.http.z` out
    ");
    assert_snapshot!(carry("  - {hoist: a}\n", "a: {a: 1}\n"), @"
    a: 1
    - hoist a.a → a
    ");
    assert_snapshot!(carry("  - {plunge: [tls_cert, tls_key], into: tls, strip: tls_}\n", "a: 1\ntls_cert: c\nb: 2\ntls_key: k\n"), @"
    a: 1
    tls:
      cert: c
      key: k
    b: 2
    - plunge tls_cert → tls.cert
    - plunge tls_key → tls.key
    ");
    assert_snapshot!(carry("  - {plunge: [s.*.u, s.*.p], into: s.*.login}\n", "s: {x: {u: 1, p: 2, login: {p: 3}}}\n"), @"
    s:
      x:
        p: 2
        login:
          p: 3
          u: 1
    - plunge s.x.u → s.x.login.u
    ! `s.x.login.p` is set already; take `s.x.login.p` or `s.x.p` out
    ");
}

#[test]
fn lists_become_maps_and_back() {
    assert_snapshot!(carry("  - {to_map: users, key: name}\n", "users: [{name: a, x: 1}, {x: 2, name: b}]\n"), @"
    users:
      a:
        x: 1
      b:
        x: 2
    - to_map users
    ");
    assert_snapshot!(carry("  - {to_map: users, key: name}\n", "users: [{name: a}, {name: a}]\n"), @"
    users:
      - name: a
      - name: a
    ! `users` cannot become a map: item 2 has the `name` of another; give each item a `name` of its own
    ");
    assert_snapshot!(carry("  - {to_map: env, key: name, value: value}\n", "env: [{name: a, value: 1}]\n"), @"
    env:
      a: 1
    - to_map env
    ");
    assert_snapshot!(carry("  - {to_list: users, key: name}\n", "users: {a: {x: 1}, b: null}\n"), @"
    users:
      - name: a
        x: 1
      - name: b
    - to_list users
    ");
    assert_snapshot!(carry("  - {to_list: users, key: name}\n", "users: {a: 5}\n"), @"
    users:
      a: 5
    ! `a` in `users` is a number, where a map is needed
    ");
    assert_snapshot!(carry("  - {to_list: env, key: name, value: value}\n", "env: {a: 5}\n"), @"
    env:
      - name: a
        value: 5
    - to_list env
    ");
}

#[test]
fn each_stands_where_it_matched() {
    let steps = "  - each: services.*
    steps:
      - {rename: p, to: port}
      - {move: name, to: $.names.*}
      - {cel: 'key + \"-\" + string(self)', at: port}
      - {remove: \"\", when: {path: dead, equals: true}}
";
    assert_snapshot!(carry(steps, "services: {x: {p: 1, name: X}, y: {dead: true}}\n"), @"
    services:
      x:
        port: port-1
    names:
      x: X
    - rename services.x.p → services.x.port
    - move services.x.name → names.x
    - cel services.x.port (1 → port-1)
    - remove services.y ({dead: true} → …)
    ");
    let items = "  - {each: l.*, steps: [{move: a, to: $.out.*}, {remove: '', when: {path: a, absent: true}}]}\n";
    assert_snapshot!(carry(items, "l: [{a: 1}, {a: 2, b: 3}, {a: 3}]\n"), @"
    l: []
    out:
      2: 3
      1: 2
      0: 1
    - move l.0.a → out.0
    - remove l.0 ({} → …)
    - move l.1.a → out.1
    - remove l.1 ({b: 3} → …)
    - move l.2.a → out.2
    - remove l.2 ({} → …)
    ");
}

#[test]
fn conditions_decide() {
    let when = |condition: &str| {
        let steps = format!(
            "  - {{when: {condition}, steps: [{{set: r, value: true}}], else: [{{set: r, value: false}}]}}\n"
        );
        let shown = carry(&steps, "db: {kind: mysql, port: 3306, tags: [a]}\n");
        shown.contains("r: true")
    };
    for (condition, holds) in [
        ("{path: db.kind, equals: mysql}", true),
        ("{path: db.kind, not-equals: mysql}", false),
        ("{path: db.none, not-equals: mysql}", true),
        ("{path: db.kind, in: [mysql, mariadb]}", true),
        ("{path: db.kind}", true),
        ("{path: db.none, exists: true}", false),
        ("{path: db.none, absent: true}", true),
        ("{path: db.kind, absent: true}", false),
        ("{path: db.kind, matches: '^my'}", true),
        ("{path: db.port, type: integer}", true),
        ("{path: db.port, type: [text, list]}", false),
        ("{path: 'db.tags.*', equals: a}", true),
        (
            "{all: [{path: db.kind}, {path: db.port, equals: 1}]}",
            false,
        ),
        ("{path: db.port, any: [{equals: 1}, {equals: 3306}]}", true),
        ("{not: {path: db.kind}}", false),
        ("{cel: 'root.db.port > 3000'}", true),
        ("{path: db.port, cel: 'self < 3000'}", false),
    ] {
        assert_eq!(when(condition), holds, "{condition}");
    }
    assert_snapshot!(carry("  - {when: {cel: self.no.x}, steps: []}\n", "a: 1\n"), @"
    a: 1
    ! the condition of this step cannot be decided: there is no `no`
    ");
    assert_snapshot!(carry("  - {set: s.*.x, value: 1, when: {path: 's.*.on', equals: true}}\n", "s: {a: {on: true}, b: {on: false}}\n"), @"
    s:
      a:
        on: true
        x: 1
      b:
        on: false
    - set s.a.x (… → 1)
    ");
}

#[test]
fn texts_and_keys_are_replaced_by_pattern() {
    let steps = "  - {regex_replace: image, pattern: '^docker\\.io/(.*)$', with: 'ghcr.io/$1'}\n";
    assert_snapshot!(carry(steps, "image: docker.io/a\n"), @"
    image: ghcr.io/a
    - regex_replace image (docker.io/a → ghcr.io/a)
    ");
    assert_snapshot!(carry(steps, "image: [docker.io/a, x, 5]\n"), @"
    image:
      - ghcr.io/a
      - x
      - 5
    - regex_replace image.0 (docker.io/a → ghcr.io/a)
    ");
    assert_snapshot!(carry("  - {regex_replace: '', pattern: '-', with: _, keys: true}\n", "a-b: 1\nc-d: 2\nc_d: 3\n"), @"
    a_b: 1
    c-d: 2
    c_d: 3
    - regex_replace a-b → a_b
    ! `c_d` is set already; take `c_d` or `c-d` out
    ");
}

#[test]
fn expressions_notes_and_chores() {
    assert_snapshot!(carry("  - {cel: 'self * 1000', at: cache.ttl}\n", "cache: {ttl: 5}\n"), @"
    cache:
      ttl: 5000
    - cel cache.ttl (5 → 5000)
    ");
    assert_snapshot!(carry("  - {cel: 'self.x', at: cache.ttl}\n", "cache: {ttl: 5}\n"), @"
    cache:
      ttl: 5
    ! `self.x` gives nothing here: `.` does not go with int and string; set `cache.ttl` by hand
    ");
    let steps = "  - {note: read on, at: '*.ttl'}\n  - {manual: choose a region, at: cloud, when: {path: cloud.region, absent: true}}\n";
    assert_snapshot!(carry(steps, "cache: {ttl: 5}\nx: {ttl: 5}\ncloud: {}\n"), @"
    cache:
      ttl: 5
    x:
      ttl: 5
    cloud: {}
    ! choose a region
    i read on
    ");
    assert_snapshot!(carry(steps, "cloud: {region: x}\n"), @"
    cloud:
      region: x
    ");
}

#[test]
fn secrets_are_never_shown() {
    let document = value("pass: hunter2\nopen: a:b\nnested: {token: t0ps3cret}\n");
    let mut secrets = Secrets::default();
    secrets.add(document.get("pass").unwrap());
    secrets.add(document.get("nested").unwrap().get("token").unwrap());
    let steps = "  - {move: pass, to: auth.word}
  - {convert: auth.word, type: integer}
  - {map_values: auth.word, values: {x: y}, otherwise: stop}
  - {split: auth.word, by: t, into: [auth.a, auth.b]}
  - {regex_replace: auth.a, pattern: hun, with: HUN}
  - {convert: auth.b, type: boolean}
  - {move: auth, to: login}
  - {regex_replace: login.b, pattern: er, with: ER}
  - {remove: nested}
  - {split: open, by: ':', into: [o1, o2]}
";
    let mut run = Run::new(document, secrets, &super::no_default);
    run.apply(&migration(steps));
    let shown = show(run);
    let (document, told) = shown.split_at(shown.find("\n- ").unwrap());
    assert!(document.contains("HUN"), "{document}");
    for secret in ["hun", "HUN", "er2", "ER", "t0p"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
    assert_snapshot!(told, @r#"

    - move pass → auth.word
    - split auth.word → auth.a (* → *)
    - split auth.word → auth.b (* → *)
    - regex_replace auth.a (* → *)
    - move auth → login
    - regex_replace login.b (* → *)
    - remove nested (* → …)
    - split open → o1 ("a:b" → a)
    - split open → o2 ("a:b" → b)
    ! `auth.word` (its secret value) cannot be read as a whole number; write it the new way by hand
    ! `auth.word` is its secret value, for which no new value is known; set it by hand; new values are `"y"`
    ! `auth.b` (its secret value) cannot be read as a boolean; write it the new way by hand
    "#);
}

#[test]
fn what_stays_keeps_its_place_in_the_text() {
    let steps = "  - {rename: a, to: b}\n  - {move: c, to: d.e}\n  - {wrap: f}\n  - {convert: g, factor: 2}\n  - {set: h, value: {x: 1}}\n";
    let text = "a: 1\nc: 2\nf: 3\ng: 4\n";
    let root = super::carried(&migration(steps), value(text));
    let slice = |span: Span| &text[span.range()];
    let map = root.as_object().unwrap();
    assert_eq!(slice(map.entry("b").unwrap().key), "a");
    let moved = map
        .get("d")
        .unwrap()
        .as_object()
        .unwrap()
        .entry("e")
        .unwrap();
    assert_eq!((slice(moved.key), slice(moved.value.span)), ("c", "2"));
    let wrapped = map.entry("f").unwrap();
    assert_eq!(slice(wrapped.key), "f");
    assert_eq!(wrapped.value.span, Span::default());
    assert_eq!(slice(wrapped.value.as_array().unwrap()[0].span), "3");
    assert_eq!(slice(map.get("g").unwrap().span), "4");
    let added = map.entry("h").unwrap();
    assert_eq!(
        (added.key, added.value.span),
        (Span::default(), Span::default())
    );
    let inner = added.value.as_object().unwrap().entry("x").unwrap();
    assert_eq!(
        (inner.key, inner.value.span),
        (Span::default(), Span::default())
    );
}

#[test]
fn removed_keys_leave_a_reason() {
    let text = "a: 1\nhost: h\nport: 2\n";
    let steps = "  - {remove: a, why: nobody used it}\n  - {merge: [host, port], into: address, with: ':'}\n";
    let mut run = Run::new(value(text), Secrets::default(), &super::no_default);
    run.apply(&migration(steps));
    let removed = run.finish().1.removed;
    let removed: Vec<_> = removed.iter().map(|((_, at), why)| (*at, &**why)).collect();
    assert_eq!(
        removed,
        [
            (0, "removed in 2.0.0: nobody used it"),
            // What stood at 5 has become `address`.
            (13, "merged into address in 2.0.0"),
        ]
    );
}

#[test]
fn nothing_grows_without_end() {
    let steps = "  - {copy: a, to: a.x, if-exists: merge}\n";
    let mut migration: Migration = migration(&format!("{steps}  - {{wrap: '**', key: k}}\n"));
    migration.steps = migration.steps.iter().cycle().take(60).cloned().collect();
    let mut run = Run::new(value("a: {b: 1}\n"), Secrets::default(), &super::no_default);
    run.apply(&migration);
    assert!(run.root().depth() <= 256);
    assert!(!run.journal().manual.is_empty());
    let (root, _) = run.finish();
    assert!(matches!(root.kind, Kind::Object(_)));
    assert!(root.at(&Pointer::root()).is_some());
}
