//! A second, naive model of who may do what, which must agree.

use proptest::prelude::*;

use crate::config::ParsedFile;
use crate::ops::policy::{Decision, Keys, Policy, Touch, Verb, Who};

const WHO: [&str; 3] = ["ann", "bob", "*"];
const ENVIRONMENTS: [&str; 3] = ["dev", "prod", "p*"];
const SECTIONS: [&str; 4] = ["a", "a.b", "*.b", "**"];
const FILES: [&str; 3] = ["x.yaml", "y/**", "**"];
const KEYS: [&str; 4] = ["a", "a.b", "a.b.c", "c.b"];
const PATHS: [&str; 3] = ["x.yaml", "y/z.yaml", "policy.yaml"];

/// A part of the configuration, by numbers into the lists above.
#[derive(Clone, Debug)]
struct Part(Vec<usize>, Vec<usize>, Vec<usize>);

#[derive(Clone, Debug)]
struct Rule {
    who: usize,
    verb: usize,
    part: Part,
    is_denial: bool,
}

fn part() -> impl Strategy<Value = Part> {
    let some = |most: usize| prop::collection::vec(0..most, 0..2);
    (some(3), some(4), some(3)).prop_map(|(a, b, c)| Part(a, b, c))
}

fn rule() -> impl Strategy<Value = Rule> {
    (0..3_usize, 0..8_usize, part(), any::<bool>()).prop_map(|(who, verb, part, is_denial)| Rule {
        who,
        verb,
        part,
        is_denial,
    })
}

fn written(part: &Part) -> String {
    let list = |name: &str, numbers: &[usize], all: &[&str]| {
        let names: Vec<_> = numbers.iter().map(|at| format!("'{}'", all[*at])).collect();
        match names.is_empty() {
            true => String::new(),
            false => format!(", {name}: [{}]", names.join(", ")),
        }
    };
    list("environments", &part.0, &ENVIRONMENTS)
        + &list("sections", &part.1, &SECTIONS)
        + &list("files", &part.2, &FILES)
}

fn policy(rules: &[Rule], protect: Option<&Part>) -> Policy {
    let mut text = "policy: 1\nroles:\n".to_owned();
    for (at, verb) in Verb::ALL.iter().enumerate() {
        text.push_str(&format!("  r{at}: [{}]\n", verb.name()));
    }
    if !rules.is_empty() {
        text.push_str("bindings:\n");
    }
    for rule in rules {
        let scope = written(&rule.part);
        let Rule {
            who,
            verb,
            is_denial,
            ..
        } = rule;
        let who = WHO[*who];
        text.push_str(&format!(
            "- {{ who: ['{who}'], role: r{verb}, deny: {is_denial}{scope} }}\n"
        ));
    }
    if let Some(part) = protect {
        text.push_str(&format!("protect:\n- {{ x-: 1{} }}\n", written(part)));
    }
    let policy = Policy::of(&ParsedFile::of_bytes("policy.yaml", text.as_bytes()));
    assert!(policy.is_sound(), "{text}\n{:?}", policy.findings);
    policy
}

/// Whether one of the patterns takes one thing, where each pair is listed by hand.
fn takes(list: &[usize], table: &[&[bool]], at: usize) -> bool {
    list.is_empty() || list.iter().any(|pattern| table[*pattern][at])
}

/// Rows are patterns, columns `dev` and `prod`.
const OF_ENVIRONMENT: [&[bool]; 3] = [&[true, false], &[false, true], &[false, true]];
/// Columns are the keys `a`, `a.b`, `a.b.c` and `c.b`: what is wholly within.
const WITHIN: [&[bool]; 4] = [
    &[true, true, true, false],
    &[false, true, true, false],
    &[false, true, true, true],
    &[true, true, true, true],
];
/// What may be partly within.
const PARTLY: [&[bool]; 4] = [
    &[true, true, true, false],
    &[true, true, true, false],
    &[true, true, true, true],
    &[true, true, true, true],
];
/// Columns are the paths.
const OF_FILE: [&[bool]; 3] = [
    &[true, false, false],
    &[false, true, false],
    &[true, true, true],
];

fn naive(
    rules: &[Rule],
    protect: Option<&Part>,
    who: Option<usize>,
    touch: [usize; 4],
) -> &'static str {
    let [verb, environment, key, file] = touch;
    let all = |part: &Part| {
        let environment = if environment == 2 {
            part.0.is_empty()
        } else {
            takes(&part.0, &OF_ENVIRONMENT, environment)
        };
        let key = match key {
            4 => true,
            5 => part.1.is_empty(),
            key => takes(&part.1, &WITHIN, key),
        };
        environment && key && takes(&part.2, &OF_FILE, file)
    };
    let any = |part: &Part| {
        let environment = environment == 2 || takes(&part.0, &OF_ENVIRONMENT, environment);
        let key = match key {
            4 => part.1.is_empty(),
            5 => true,
            key => takes(&part.1, &PARTLY, key),
        };
        environment && key && takes(&part.2, &OF_FILE, file)
    };
    let is_admin = Verb::ALL[verb] == Verb::PolicyAdmin;
    if !is_admin && !protect.is_none_or(any) {
        return "unprotected";
    }
    let about =
        |rule: &&Rule| rule.verb == verb && who.is_some_and(|who| rule.who == 2 || rule.who == who);
    let mut mine = rules.iter().filter(about);
    if mine.clone().any(|rule| rule.is_denial && any(&rule.part)) {
        return "denied";
    }
    match mine.any(|rule| !rule.is_denial && all(&rule.part)) {
        true => "allowed",
        false => "missing",
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn a_decision_is_that_of_the_naive_model(
        rules in prop::collection::vec(rule(), 0..6),
        protect in prop::option::of(part()),
        who in prop::option::of(0..2_usize),
        verb in 0..8_usize,
        environment in 0..3_usize,
        key in 0..6_usize,
        file in 0..3_usize,
    ) {
        let policy = policy(&rules, protect.as_ref());
        let touch = Touch {
            verb: Verb::ALL[verb],
            environment: ["dev", "prod"].get(environment).map(|it| (*it).to_owned()),
            keys: match key {
                4 => Keys::None,
                5 => Keys::All,
                key => Keys::One(KEYS[key].parse().unwrap()),
            },
            file: Some(PATHS[file].to_owned()),
        };
        let names: Vec<&str> = who.iter().map(|who| WHO[*who]).collect();
        let decision = policy.decide(Who::named(&names), &touch);
        prop_assert_eq!(decision.name(), naive(&rules, protect.as_ref(), who, [verb, environment, key, file]));
        // What is denied to one is not allowed by a name more.
        if let Decision::Denied(_) = decision {
            let more = [names.clone(), vec!["zoe"]].concat();
            prop_assert!(!policy.decide(Who::named(&more), &touch).is_allowed());
        }
    }
}
