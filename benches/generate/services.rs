//! A file of many services, and five majors of migrations that carry it on.

use std::fmt::Write as _;

/// How many sections the file of 10 MB has.
pub(crate) const SECTIONS: usize = 14_500;

/// Writes a file of so many sections of 30 lines, with comments and deprecated keys: 10 MB for
/// [`SECTIONS`].
pub(crate) fn text(sections: usize) -> String {
    let mut out = String::from("# The services of the company.\nversion: '1.0'\nservices:\n");
    for at in 0..sections {
        let team = at % 37;
        let level = if at % 3 == 0 { "off" } else { "verbose" };
        let _ = write!(
            out,
            r#"  # Service {at}: owned by team {team}
  service_{at}:
    image: registry.example.com/team{team}/service-{at}:1.{}.{}  # pinned
    pool_size: {}   # deprecated
    timeout: {}
    log:
      level: {level}
      # where it goes
      target: stdout
    hosts:
      - a{at}.example.com
      - b{at}.example.com  # second
    tls_cert: /etc/tls/cert.pem
    tls_key: /etc/tls/key.pem
    legacy:
      cache:
        ttl: {}
        size: "{} MiB"
    address: 10.0.{}.{}:80{}
    enabled: 'yes'
    limits: {{cpu: 2, memory: 512}}
    owner: team-{team}
    description: |
      The service number {at},
      which does what it does.
    env:
      - name: MODE
        value: prod
      - name: REGION
        value: eu-west-1

"#,
            at % 20,
            at % 7,
            at % 50 + 1,
            at % 30 + 1,
            at % 100,
            at % 10,
            at % 256,
            at / 256,
            at % 90 + 10,
        );
    }
    out
}

/// The migrations: the version, and the file. Twenty steps in all.
pub(crate) const MIGRATIONS: [(&str, &str); 5] = [
    (
        "2.0.0",
        "strata-migration: 1
steps:
  - rename: services.*.pool_size
    to: max_connections
  - convert: services.*.timeout
    unit: { from: s, to: ms }
  - map_values: services.*.log.level
    values: { verbose: debug, \"off\": none }
  - move: services.*.legacy.cache
    to: services.*.cache
",
    ),
    (
        "3.0.0",
        "strata-migration: 1
steps:
  - split: services.*.address
    by: \":\"
    into: [services.*.host, services.*.port]
  - plunge: [services.*.tls_cert, services.*.tls_key]
    into: services.*.tls
    strip: tls_
  - convert: services.*.enabled
    type: boolean
  - add: services.*.region
    value: eu
",
    ),
    (
        "4.0.0",
        "strata-migration: 1
steps:
  - wrap: services.*.owner
    as: list
  - rename: services.*.owner
    to: owners
  - regex_replace: services.*.image
    pattern: '^registry\\.example\\.com/(.*)$'
    with: 'mirror.example.com/$1'
  - remove: services.*.log.target
",
    ),
    (
        "5.0.0",
        "strata-migration: 1
steps:
  - to_map: services.*.env
    key: name
  - hoist: services.*.limits
    prefix: limit_
  - copy: services.*.timeout
    to: services.*.connect_timeout
  - set: version
    value: '5.0'
",
    ),
    (
        "6.0.0",
        "strata-migration: 1
steps:
  - rename: services
    to: apps
  - each: apps.*
    steps:
      - when: { path: log.level, equals: none }
        steps:
          - remove: log.level
  - pin_default: apps.*.log.format
    value: text
  - cel: self * 2
    at: apps.*.max_connections
",
    ),
];

/// A schema that takes all versions of the file: what is measured is the way between them.
pub(crate) fn schema(version: &str) -> String {
    format!(
        "$schema: https://json-schema.org/draft/2020-12/schema\ntitle: services {version}\ntype: object\n"
    )
}
