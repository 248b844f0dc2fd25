//! Two files of 10,120 parameters that differ in 50 places, and are written differently in 35
//! more.

use std::fmt::Write as _;

/// How many sections each file has, of [`PARAMETERS`] parameters.
pub(crate) const SECTIONS: usize = 110;
pub(crate) const PARAMETERS: usize = 92;
pub(crate) const DIFFERENCES: usize = 50;
pub(crate) const NEUTRAL: usize = 35;

/// The two texts, and the places that differ.
pub(crate) struct Pair {
    pub(crate) old: String,
    pub(crate) new: String,
    pub(crate) truth: Vec<String>,
}

/// What a section has of its own in the newer file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edit {
    None,
    Number,
    Image,
    Switch,
    Port,
    Added,
    Removed,
    Item,
    Quoted,
    Null,
    KeyOrder,
    ListOrder,
    Quotes,
    Comments,
    Spelling,
    Flow,
    Alias,
}

/// How often each is made; the first nine are differences.
const EDITS: [(Edit, usize); 16] = [
    (Edit::Number, 8),
    (Edit::Image, 6),
    (Edit::Switch, 6),
    (Edit::Port, 6),
    (Edit::Added, 7),
    (Edit::Removed, 7),
    (Edit::Item, 4),
    (Edit::Quoted, 4),
    (Edit::Null, 2),
    (Edit::KeyOrder, 8),
    (Edit::ListOrder, 7),
    (Edit::Quotes, 6),
    (Edit::Comments, 5),
    (Edit::Spelling, 4),
    (Edit::Flow, 3),
    (Edit::Alias, 2),
];

/// Makes the files; the seed says which sections are edited.
pub(crate) fn pair(seed: usize) -> Pair {
    let mut edits = vec![Edit::None; SECTIONS];
    let all = EDITS
        .iter()
        .flat_map(|&(edit, count)| std::iter::repeat_n(edit, count));
    for (number, edit) in all.enumerate() {
        // 37 and 110 have no divisor in common, so every section comes once.
        edits[(seed * 13 + number * 37) % SECTIONS] = edit;
    }
    let (mut old, mut new, mut truth) = (String::new(), String::new(), Vec::new());
    for (index, edit) in edits.into_iter().enumerate() {
        section(&mut old, index, Edit::None);
        section(&mut new, index, edit);
        let below = match edit {
            Edit::Number => "limits/memory",
            Edit::Image => "image",
            Edit::Switch => "switches/switch_07",
            Edit::Port => "endpoints/1/port",
            Edit::Added => "settings/ADDED",
            Edit::Removed => "settings/SETTING_09",
            Edit::Item => "endpoints/0",
            Edit::Quoted => "store/port",
            Edit::Null => "replicas",
            _ => continue,
        };
        truth.push(format!("/section_{index:03}/{below}"));
    }
    Pair { old, new, truth }
}

fn section(out: &mut String, index: usize, edit: Edit) {
    let mut line = |text: std::fmt::Arguments<'_>| {
        let _ = writeln!(out, "{text}");
    };
    let is = |other: Edit| edit == other;
    line(format_args!("section_{index:03}:"));
    line(format_args!("  name: section-{index}"));
    let version = if is(Edit::Image) { 900 } else { index % 20 };
    line(format_args!(
        "  image: registry.example.com/app-{index}:1.{version}.0"
    ));
    let replicas = 1 + index % 5;
    match edit {
        Edit::Null => line(format_args!("  replicas: null")),
        Edit::Spelling => line(format_args!("  replicas: {replicas}.0")),
        _ => line(format_args!("  replicas: {replicas}")),
    }
    if is(Edit::Comments) {
        line(format_args!("  # Nobody but us may see it."));
    }
    line(format_args!("  public: {}", index.is_multiple_of(3)));
    let memory = 128 * (1 + index % 8) + usize::from(is(Edit::Number));
    let ratio = if is(Edit::Spelling) { "2.5e-1" } else { "0.25" };
    if is(Edit::Flow) {
        line(format_args!(
            "  limits: {{ratio: {ratio}, memory: {memory}, cpu: 250}}"
        ));
    } else {
        line(format_args!(
            "  limits:\n    cpu: 250\n    memory: {memory}\n    ratio: {ratio}"
        ));
    }
    let port = if is(Edit::Quoted) { "\"5432\"" } else { "5432" };
    let host = format!("db-{}.internal", index % 12);
    match edit {
        Edit::Quotes => line(format_args!("  store:\n    host: '{host}'")),
        _ => line(format_args!("  store:\n    host: {host}")),
    }
    line(format_args!("    port: {port}\n    tls: true"));
    line(format_args!(
        "    pool:\n      min: 2\n      max: {}\n      wait: 3000",
        10 + index % 20
    ));
    line(format_args!("  endpoints:"));
    if is(Edit::Item) {
        line(format_args!(
            "  - name: debug\n    port: 5005\n    scheme: tcp\n    open: false"
        ));
    }
    let mut names = ["http", "grpc", "metrics", "admin"];
    if is(Edit::ListOrder) {
        names.reverse();
    }
    for name in names {
        let mut port = 8000 + index + 1000 * name.len();
        port += usize::from(is(Edit::Port) && name == "grpc");
        line(format_args!(
            "  - name: {name}\n    port: {port}\n    scheme: tcp\n    open: false"
        ));
    }
    line(format_args!("  tags: [a, b, c, d, team-{}]", index % 7));
    line(format_args!("  settings:"));
    let mut settings: Vec<usize> = (0..40).collect();
    if is(Edit::KeyOrder) {
        settings.reverse();
    }
    for setting in settings {
        let value = format!("value-{}", (index * 31 + setting * 17) % 9973);
        let after = match edit {
            Edit::Comments if setting == 5 => "   # as it was",
            _ => "",
        };
        match (edit, setting) {
            (Edit::Removed, 9) => {}
            (Edit::Quotes, 3) => line(format_args!("    SETTING_03: \"{value}\"")),
            // The value is named here, and repeated by its name.
            (Edit::Alias, 11) => line(format_args!("    SETTING_11: &again {value}")),
            _ => line(format_args!("    SETTING_{setting:02}: {value}{after}")),
        }
    }
    if is(Edit::Added) {
        line(format_args!("    ADDED: new"));
    }
    line(format_args!("  switches:"));
    for switch in 0..17 {
        let on = (index * switch).is_multiple_of(2);
        let on = on != (is(Edit::Switch) && switch == 7);
        line(format_args!("    switch_{switch:02}: {on}"));
    }
    let again = format!("value-{}", (index * 31 + 11 * 17) % 9973);
    match edit {
        Edit::Alias => line(format_args!("    last: *again")),
        _ => line(format_args!("    last: {again}")),
    }
}
