//! Regular expressions as automata, for questions about several at once.
//!
//! A pattern is searched for anywhere in a text, in the subset of ECMA-262 that the regular
//! languages cover: no look-around, no back-references. Automata are built state by state as
//! they are walked, and characters that no pattern tells apart are tried once.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use foldhash::fast::RandomState;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};
use regex_syntax::hir::{Class, Hir, HirKind};
use smol_str::SmolStr;

/// How much memory the states of one automaton may take.
const STATES: usize = 4 << 20;

/// How large a pattern may get.
const SIZE: usize = 4 << 20;

/// How many states of several automata at once are gone through.
const PRODUCT: usize = 8_000;

/// How long a text may get of which only the length counts.
const LENGTH: usize = 1 << 20;

/// One pattern, as a recogniser of the texts that it is found in.
struct Automaton {
    dfa: DFA,
    cache: Cache,
    start: LazyStateID,
    /// Where the runs of characters begin that the pattern does not tell apart.
    cuts: BTreeSet<char>,
}

/// What a text has to be.
#[derive(Default)]
pub(super) struct TextShape {
    /// Patterns, and whether each is to be found.
    pub(super) patterns: Vec<(SmolStr, bool)>,
    /// The least and the greatest number of characters.
    pub(super) min: u64,
    pub(super) max: Option<u64>,
    /// Texts that it may not be.
    pub(super) not: BTreeSet<SmolStr>,
}

/// What looking for a text gave.
pub(super) enum Found {
    Text(String),
    Nothing,
    /// The automata are too large, or the pattern is not regular.
    TooMuch,
}

/// The automata of all patterns that were asked for.
#[derive(Default)]
pub(super) struct Automata {
    known: HashMap<SmolStr, Option<Automaton>, RandomState>,
    /// How many steps were taken in them.
    pub(super) steps: u64,
}

impl Automaton {
    fn build(pattern: &str) -> Option<Self> {
        let text = jsonschema_regex::to_rust_regex(pattern).ok()?;
        let hir = regex_syntax::parse(&text).ok()?;
        let mut cuts = BTreeSet::new();
        cut(&hir, &mut cuts);
        if !hir.properties().look_set().is_empty() {
            // Edges of words and lines depend on what kind of character stands there.
            for text in [r"\w", r"[\n\r]", r"(?-u:\w)"] {
                cut(&regex_syntax::parse(text).ok()?, &mut cuts);
            }
        }
        let config = Config::new()
            .match_kind(MatchKind::All)
            .cache_capacity(STATES)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(0));
        let dfa = DFA::builder()
            .configure(config)
            .thompson(thompson::Config::new().nfa_size_limit(Some(SIZE)))
            .build(&format!("^(?s:.)*(?:{text})(?s:.)*$"))
            .ok()?;
        let mut cache = dfa.create_cache();
        let anchored = start::Config::new().anchored(Anchored::Yes);
        let start = dfa.start_state(&mut cache, &anchored).ok()?;
        Some(Self {
            dfa,
            cache,
            start,
            cuts,
        })
    }

    fn step(&mut self, mut state: LazyStateID, char: char) -> Option<LazyStateID> {
        for byte in char.encode_utf8(&mut [0; 4]).bytes() {
            state = self.dfa.next_state(&mut self.cache, state, byte).ok()?;
        }
        Some(state)
    }

    fn accepts(&mut self, state: LazyStateID) -> Option<bool> {
        let end = self.dfa.next_eoi_state(&mut self.cache, state).ok()?;
        Some(end.is_match())
    }
}

/// Notes where the runs of characters begin that an expression does not tell apart.
fn cut(hir: &Hir, cuts: &mut BTreeSet<char>) {
    let mut range = |from: char, to: char| {
        cuts.insert(from);
        let next = if to == '\u{d7ff}' {
            0xe000
        } else {
            to as u32 + 1
        };
        cuts.extend(char::from_u32(next));
    };
    match hir.kind() {
        HirKind::Literal(literal) => {
            for char in String::from_utf8_lossy(&literal.0).chars() {
                range(char, char);
            }
        }
        HirKind::Class(Class::Unicode(class)) => {
            for part in class.ranges() {
                range(part.start(), part.end());
            }
        }
        HirKind::Class(Class::Bytes(class)) => {
            for part in class.ranges() {
                range(part.start().into(), part.end().into());
            }
        }
        HirKind::Repetition(repetition) => cut(&repetition.sub, cuts),
        HirKind::Capture(capture) => cut(&capture.sub, cuts),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            for part in parts {
                cut(part, cuts);
            }
        }
        HirKind::Empty | HirKind::Look(_) => {}
    }
}

/// Takes one character of each run, one that is good to read where there is any.
fn alphabet(cuts: &BTreeSet<char>) -> Vec<char> {
    let mut starts: Vec<char> = cuts.iter().copied().collect();
    if starts.first() != Some(&'\0') {
        starts.insert(0, '\0');
    }
    let good = "aAbx0195_-. :/";
    let mut runs: BTreeMap<usize, char> = BTreeMap::new();
    let run_of = |char: char| starts.partition_point(|start| *start <= char) - 1;
    for char in good
        .chars()
        .chain((' '..='~').filter(|char| !good.contains(*char)))
    {
        runs.entry(run_of(char)).or_insert(char);
    }
    // A run of control characters or of other scripts: any of its characters.
    for (run, start) in starts.iter().enumerate() {
        let end = starts.get(run + 1).copied().unwrap_or(char::MAX);
        let letter = (*start..end).take(64).find(|char| char.is_alphanumeric());
        runs.entry(run).or_insert(letter.unwrap_or(*start));
    }
    let mut chars: Vec<char> = runs.into_values().collect();
    chars.sort_by_key(|char| {
        let at = good.chars().position(|good| good == *char);
        (at.unwrap_or(good.len()), *char)
    });
    chars
}

impl Automata {
    fn get(&mut self, pattern: &str) -> Option<&mut Automaton> {
        if !self.known.contains_key(pattern) {
            self.known.insert(pattern.into(), Automaton::build(pattern));
        }
        self.known.get_mut(pattern)?.as_mut()
    }

    /// Says whether a pattern can be handled.
    pub(super) fn can_read(&mut self, pattern: &str) -> bool {
        self.get(pattern).is_some()
    }

    /// Says whether a pattern is found in a text; `None` where it cannot be handled.
    pub(super) fn matches(&mut self, pattern: &str, text: &str) -> Option<bool> {
        let automaton = self.get(pattern)?;
        let mut state = automaton.start;
        for char in text.chars() {
            state = automaton.step(state, char)?;
        }
        automaton.accepts(state)
    }

    /// Looks for the shortest text of a shape.
    pub(super) fn find(&mut self, shape: &TextShape) -> Found {
        if shape.max.is_some_and(|max| max < shape.min) {
            return Found::Nothing;
        }
        if shape.patterns.is_empty() {
            return plain(shape);
        }
        self.walk(shape).unwrap_or(Found::TooMuch)
    }

    fn walk(&mut self, shape: &TextShape) -> Option<Found> {
        let mut cuts = BTreeSet::new();
        let mut first = Vec::new();
        for (pattern, _) in &shape.patterns {
            let automaton = self.get(pattern)?;
            cuts.extend(&automaton.cuts);
            first.push(automaton.start);
        }
        for char in shape.not.iter().flat_map(|text| text.chars()) {
            cuts.insert(char);
            cuts.extend(char::from_u32(char as u32 + 1));
        }
        let chars = alphabet(&cuts);
        // A state: those of all automata, how long the text is (as far as that matters), and
        // how many characters of which forbidden texts it has in common with them.
        type State = (Vec<LazyStateID>, u64, Option<(usize, usize)>);
        let forbidden: Vec<Vec<char>> = shape
            .not
            .iter()
            .map(|text| text.chars().collect())
            .collect();
        let begins = (!forbidden.is_empty()).then_some((0, 0));
        let mut seen: HashMap<State, usize, RandomState> = HashMap::default();
        let mut trail: Vec<(usize, char)> = vec![(0, ' ')];
        let start: State = (first, 0, begins);
        seen.insert(start.clone(), 0);
        let mut queue: VecDeque<(State, usize, u64)> = VecDeque::from([(start, 0, 0)]);
        while let Some(((states, length, shared), index, depth)) = queue.pop_front() {
            if shape.max.is_some_and(|max| depth > max) {
                return Some(Found::Nothing);
            }
            let is_forbidden = shared.is_some_and(|(at, len)| forbidden[at].len() == len);
            if length >= shape.min && !is_forbidden {
                let mut fits = true;
                for ((pattern, wanted), state) in shape.patterns.iter().zip(&states) {
                    fits &= self.get(pattern)?.accepts(*state)? == *wanted;
                }
                if fits {
                    return Some(Found::Text(spell(&trail, index)));
                }
            }
            self.steps += (chars.len() * states.len()) as u64;
            for char in &chars {
                let mut next = Vec::with_capacity(states.len());
                for ((pattern, _), state) in shape.patterns.iter().zip(&states) {
                    next.push(self.get(pattern)?.step(*state, *char)?);
                }
                let shared = shared.and_then(|shared| share(&forbidden, shared, *char));
                let state: State = (next, (length + 1).min(shape.min), shared);
                if seen.contains_key(&state) {
                    continue;
                }
                if trail.len() > PRODUCT {
                    return None;
                }
                seen.insert(state.clone(), trail.len());
                queue.push_back((state, trail.len(), depth + 1));
                trail.push((index, *char));
            }
        }
        Some(Found::Nothing)
    }
}

/// Goes one character further along forbidden texts, which are in order.
fn share(forbidden: &[Vec<char>], (at, len): (usize, usize), char: char) -> Option<(usize, usize)> {
    let prefix = &forbidden[at][..len];
    (at..forbidden.len())
        .take_while(|other| forbidden[*other].starts_with(prefix))
        .find(|other| forbidden[*other].get(len) == Some(&char))
        .map(|other| (other, len + 1))
}

fn spell(trail: &[(usize, char)], mut at: usize) -> String {
    let mut chars = Vec::new();
    while at != 0 {
        let (above, char) = trail[at];
        chars.push(char);
        at = above;
    }
    chars.iter().rev().collect()
}

/// Looks for a text of which only the length counts, and what it may not be.
fn plain(shape: &TextShape) -> Found {
    let Some(min) = (usize::try_from(shape.min).ok()).filter(|min| *min <= LENGTH) else {
        return Found::TooMuch;
    };
    let free = |text: &str| !shape.not.contains(text);
    // One that is good to read where there may be any.
    let some = if shape.max == Some(0) { 0 } else { min.max(1) };
    for length in [some, min] {
        let text = "a".repeat(length);
        if free(&text) {
            return Found::Text(text);
        }
    }
    if shape.max == Some(0) {
        return Found::Nothing;
    }
    // There are more characters than texts it may not be, or it may be longer.
    let rest = "a".repeat(min.saturating_sub(1));
    let chars = ('a'..='z').chain('A'..='Z').chain('\u{a1}'..='\u{ffff}');
    let mut texts = chars.map(|char| format!("{rest}{char}"));
    let text = texts.find(|text| free(text));
    text.map_or(Found::TooMuch, Found::Text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(patterns: &[(&str, bool)], min: u64, max: Option<u64>, not: &[&str]) -> Option<String> {
        let shape = TextShape {
            patterns: patterns.iter().map(|(p, s)| ((*p).into(), *s)).collect(),
            min,
            max,
            not: not.iter().map(|text| (*text).into()).collect(),
        };
        match Automata::default().find(&shape) {
            Found::Text(text) => Some(text),
            Found::Nothing => None,
            Found::TooMuch => panic!("too much"),
        }
    }

    #[test]
    fn a_pattern_is_searched_for_anywhere() {
        let mut automata = Automata::default();
        assert_eq!(automata.matches("b", "abc"), Some(true));
        assert_eq!(automata.matches("^b", "abc"), Some(false));
        assert_eq!(automata.matches("c$", "abc"), Some(true));
        assert_eq!(automata.matches("^a|x$", "abc"), Some(true));
        assert_eq!(automata.matches("(?=a)", "abc"), None);
        assert_eq!(automata.matches(r"^\d+$", "12"), Some(true));
        assert_eq!(automata.matches("^é$", "é"), Some(true));
    }

    #[test]
    fn inclusion_of_patterns_is_decided() {
        assert_eq!(find(&[("^a+$", true), ("^a*$", false)], 0, None, &[]), None);
        assert_eq!(
            find(&[("^a*$", true), ("^a+$", false)], 0, None, &[]),
            Some(String::new())
        );
        assert_eq!(
            find(&[("^[a-f]$", true), ("^[a-e]$", false)], 0, None, &[]).as_deref(),
            Some("f")
        );
        assert_eq!(
            find(
                &[("^(foo|bar)$", true), ("^(foo|bar|baz)$", false)],
                0,
                None,
                &[]
            ),
            None
        );
        assert_eq!(find(&[("^.{3}$", true)], 4, None, &[]), None);
        assert_eq!(
            find(&[("^a+$", true)], 3, Some(3), &[]).as_deref(),
            Some("aaa")
        );
        assert_eq!(find(&[("^a+$", true)], 3, Some(3), &["aaa"]), None);
        assert_eq!(find(&[("^[ab]$", true)], 0, None, &["a", "b"]), None);
        assert_eq!(
            find(&[("^[ab]", true)], 0, None, &["a", "b"]).as_deref(),
            Some("aa")
        );
        assert_eq!(
            find(&[(r"\.", false), (".", true)], 0, None, &[]).as_deref(),
            Some("a")
        );
    }

    #[test]
    fn lengths_and_exceptions_alone() {
        assert_eq!(find(&[], 2, Some(1), &[]), None);
        assert_eq!(find(&[], 2, None, &[]).as_deref(), Some("aa"));
        assert_eq!(find(&[], 0, Some(0), &[""]), None);
        assert_eq!(find(&[], 0, None, &["", "a"]).as_deref(), Some("b"));
        assert_eq!(find(&[], 0, None, &[]).as_deref(), Some("a"));
        assert_eq!(find(&[], 0, Some(0), &[]).as_deref(), Some(""));
    }
}
