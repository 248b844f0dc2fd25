//! One Rust file, as far as the architecture is concerned: its words, and the paths it names.

use std::collections::BTreeSet;

/// One word, sign or string of a file; comments are left out.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) kind: Kind,
    pub(super) line: usize,
    /// Whether it stands in an item under `#[cfg(test)]`.
    pub(super) test: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Sign,
    /// The content of a string, escapes left as written.
    Text,
}

/// A path such as `crate::report::Finding`, as a file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
    pub(super) test: bool,
    /// The modules that were open around it, within the file.
    inline: Vec<String>,
    /// Whether it starts with `::`.
    absolute: bool,
    /// The name it is known by from here on, where it is imported.
    binds: Option<String>,
}

/// One file below `src/`.
pub(super) struct Source {
    /// The path, such as `src/report/finding.rs`.
    pub(super) path: String,
    pub(super) tokens: Vec<Token>,
    pub(super) paths: Vec<Path>,
    /// Whether the whole file is there for tests.
    pub(super) test: bool,
    lines: usize,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let mut tokens = tokens(text);
        mark_tests(&mut tokens);
        let paths = paths(&tokens);
        Self {
            path: path.to_owned(),
            tokens,
            paths,
            test: false,
            lines: text.lines().count(),
        }
    }

    /// The modules that the file declares, each with whether it is there for tests only.
    pub(super) fn declared(&self) -> impl Iterator<Item = (&str, bool)> {
        self.tokens.windows(3).filter_map(|three| {
            let module = three[0].kind == Kind::Word && three[0].text == "mod";
            (module && matches!(three[2].text.as_str(), ";" | "{"))
                .then_some((three[1].text.as_str(), three[0].test))
        })
    }

    /// The module the file is: `["report", "finding"]`; none for `lib.rs` and `main.rs`.
    pub(super) fn module(&self) -> Vec<String> {
        let path = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let path = path.strip_suffix(".rs").unwrap_or(path);
        let mut module: Vec<String> = path.split('/').map(str::to_owned).collect();
        if matches!(
            module.last().map(String::as_str),
            Some("mod" | "lib" | "main")
        ) {
            module.pop();
        }
        module
    }

    /// How many lines it has, without its tests.
    pub(super) fn code_lines(&self) -> usize {
        let mut tests = BTreeSet::new();
        for run in self.tokens.chunk_by(|a, b| a.test == b.test) {
            if let [first, .., last] = run
                && first.test
            {
                tests.extend(first.line..=last.line);
            }
        }
        self.lines - tests.len().min(self.lines)
    }

    /// The paths outside tests.
    pub(super) fn code_paths(&self) -> impl Iterator<Item = &Path> {
        let whole = self.test;
        self.paths.iter().filter(move |path| !whole && !path.test)
    }

    /// The tokens outside tests.
    pub(super) fn code_tokens(&self) -> impl Iterator<Item = &Token> {
        let whole = self.test;
        self.tokens
            .iter()
            .filter(move |token| !whole && !token.test)
    }

    /// Where in its own crate a path leads, from the root; none where it leads elsewhere, or stays
    /// relative without saying so.
    pub(super) fn resolve(&self, path: &Path) -> Option<Vec<String>> {
        let mut module = self.module();
        module.extend(path.inline.iter().cloned());
        let mut rest = &path.segments[..];
        match rest.first()?.as_str() {
            "crate" => return Some(rest[1..].to_vec()),
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|name| name == "super") {
                    module.pop()?;
                    rest = &rest[1..];
                }
            }
            _ => return None,
        }
        module.extend(rest.iter().cloned());
        Some(module)
    }

    /// The first name of a path that leads out of the crate, if it can lead there.
    pub(super) fn external<'a>(&self, path: &'a Path) -> Option<&'a str> {
        let first = path.segments.first()?.as_str();
        if matches!(first, "crate" | "self" | "super") {
            return None;
        }
        (path.absolute || !self.is_local(first)).then_some(first)
    }

    /// Whether a name is a module declared or an item imported in this file.
    fn is_local(&self, name: &str) -> bool {
        self.declared().any(|(declared, _)| declared == name)
            || self
                .paths
                .iter()
                .any(|path| path.binds.as_deref() == Some(name) && self.resolve(path).is_some())
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    let word = |c: char| c.is_alphanumeric() || c == '_';
    while at < chars.len() {
        let start = at;
        let first_line = line;
        let next = chars.get(at + 1).copied();
        let mut push = |text: String, kind| {
            tokens.push(Token {
                text,
                kind,
                line: first_line,
                test: false,
            });
        };
        match chars[at] {
            '/' if next == Some('/') => {
                while at < chars.len() && chars[at] != '\n' {
                    at += 1;
                }
            }
            '/' if next == Some('*') => {
                let mut depth = 0;
                while at < chars.len() {
                    match (chars[at], chars.get(at + 1)) {
                        ('/', Some('*')) => (depth, at) = (depth + 1, at + 1),
                        ('*', Some('/')) => (depth, at) = (depth - 1, at + 1),
                        _ => {}
                    }
                    at += 1;
                    if depth == 0 {
                        break;
                    }
                }
            }
            '"' => {
                at += 1;
                while at < chars.len() && chars[at] != '"' {
                    at += if chars[at] == '\\' { 2 } else { 1 };
                }
                let end = at.min(chars.len());
                push(chars[start + 1..end].iter().collect(), Kind::Text);
                at += 1;
            }
            '\'' => {
                // A character, or a lifetime, which is left out.
                let quoted = match next {
                    Some('\\') => (at + 3..chars.len()).find(|&end| chars[end] == '\''),
                    _ => (chars.get(at + 2) == Some(&'\'')).then_some(at + 2),
                };
                at = quoted.map_or(at + 1, |end| end + 1);
                if quoted.is_none() {
                    while at < chars.len() && word(chars[at]) {
                        at += 1;
                    }
                }
            }
            c if word(c) => {
                while at < chars.len() && word(chars[at]) {
                    at += 1;
                }
                let name: String = chars[start..at].iter().collect();
                let hashes = chars[at..].iter().take_while(|c| **c == '#').count();
                let quote = chars.get(at + hashes) == Some(&'"');
                match name.as_str() {
                    "r" | "br" | "cr" if quote => {
                        let open = at + hashes + 1;
                        let closes = |end: &usize| {
                            chars[*end] == '"'
                                && chars[end + 1..]
                                    .iter()
                                    .take(hashes)
                                    .filter(|c| **c == '#')
                                    .count()
                                    == hashes
                        };
                        let end = (open..chars.len()).find(closes).unwrap_or(chars.len());
                        push(chars[open..end].iter().collect(), Kind::Text);
                        at = (end + 1 + hashes).min(chars.len());
                    }
                    // The prefix of a string or of a character; what follows is read next.
                    "b" | "c" if matches!(chars.get(at), Some('"' | '\'')) => {}
                    "r" if hashes == 1 => at += 1,
                    _ => push(name, Kind::Word),
                }
            }
            ':' if next == Some(':') => {
                push("::".to_owned(), Kind::Sign);
                at += 2;
            }
            c if c.is_whitespace() => at += 1,
            c => {
                push(c.to_string(), Kind::Sign);
                at += 1;
            }
        }
        at = at.min(chars.len());
        line += chars[start..at].iter().filter(|c| **c == '\n').count();
    }
    tokens
}

/// Marks the items that stand under `#[cfg(test)]`.
fn mark_tests(tokens: &mut [Token]) {
    let mut at = 0;
    while at < tokens.len() {
        let Some(end) = attribute_end(tokens, at) else {
            at += 1;
            continue;
        };
        let words: Vec<&str> = tokens[at..end].iter().map(|t| t.text.as_str()).collect();
        let test = words.contains(&"cfg") && words.contains(&"test") && !words.contains(&"not");
        if !test {
            at = end;
            continue;
        }
        let mut item = end;
        while let Some(end) = attribute_end(tokens, item) {
            item = end;
        }
        let end = item_end(tokens, item);
        for token in &mut tokens[at..end] {
            token.test = true;
        }
        at = end;
    }
}

/// The place behind the attribute that starts here.
fn attribute_end(tokens: &[Token], at: usize) -> Option<usize> {
    let sign = |at: usize, text| {
        tokens
            .get(at)
            .is_some_and(|token: &Token| token.kind == Kind::Sign && token.text == text)
    };
    if !(sign(at, "#") && sign(at + 1, "[")) {
        return None;
    }
    let mut depth = 0;
    for (index, token) in tokens.iter().enumerate().skip(at + 1) {
        match (token.kind, token.text.as_str()) {
            (Kind::Sign, "[") => depth += 1,
            (Kind::Sign, "]") => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(index + 1);
        }
    }
    None
}

/// The place behind the item that starts here.
fn item_end(tokens: &[Token], at: usize) -> usize {
    let is_use = tokens[at..]
        .iter()
        .take(6)
        .take_while(|token| token.text != ";" && token.text != "{")
        .any(|token| token.text == "use");
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        if token.kind != Kind::Sign {
            continue;
        }
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && token.text == "}" && !is_use {
                    return index + 1;
                }
            }
            ";" if depth == 0 => return index + 1,
            _ => {}
        }
    }
    tokens.len()
}

fn paths(tokens: &[Token]) -> Vec<Path> {
    let mut reader = Reader {
        tokens,
        at: 0,
        found: Vec::new(),
        inline: Vec::new(),
    };
    let mut depth = 0_usize;
    let mut opened: Vec<usize> = Vec::new();
    while reader.at < tokens.len() {
        let token = &tokens[reader.at];
        match (token.kind, token.text.as_str()) {
            (Kind::Sign, "{") => {
                depth += 1;
                reader.at += 1;
            }
            (Kind::Sign, "}") => {
                if opened.last() == Some(&depth) {
                    opened.pop();
                    reader.inline.pop();
                }
                depth = depth.saturating_sub(1);
                reader.at += 1;
            }
            (Kind::Word, "mod") if reader.is(2, "{") => {
                reader.inline.push(tokens[reader.at + 1].text.clone());
                depth += 1;
                opened.push(depth);
                reader.at += 3;
            }
            (Kind::Word, "use") if !reader.is(1, "<") => {
                reader.at += 1;
                let absolute = reader.is(0, "::");
                reader.at += usize::from(absolute);
                reader.tree(&mut Vec::new(), absolute);
            }
            (Kind::Sign, "::") | (Kind::Word, _) => reader.inline_path(),
            _ => reader.at += 1,
        }
    }
    reader.found
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    found: Vec<Path>,
    inline: Vec<String>,
}

impl Reader<'_> {
    fn is(&self, ahead: usize, text: &str) -> bool {
        self.tokens
            .get(self.at + ahead)
            .is_some_and(|token| token.kind == Kind::Sign && token.text == text)
    }

    fn word(&self, ahead: usize) -> Option<&Token> {
        let token = self.tokens.get(self.at + ahead)?;
        (token.kind == Kind::Word).then_some(token)
    }

    fn add(&mut self, segments: Vec<String>, absolute: bool, binds: Option<String>) {
        let at = self.at.min(self.tokens.len() - 1);
        let token = &self.tokens[at.saturating_sub(1)];
        self.found.push(Path {
            segments,
            line: token.line,
            test: token.test,
            inline: self.inline.clone(),
            absolute,
            binds,
        });
    }

    /// Reads what follows `use`, up to the sign that ends it.
    fn tree(&mut self, above: &mut Vec<String>, absolute: bool) {
        let depth = above.len();
        loop {
            if self.is(0, "{") {
                self.at += 1;
                while self.at < self.tokens.len() && !self.is(0, "}") {
                    self.tree(above, absolute);
                    self.at += usize::from(self.is(0, ","));
                }
                self.at += 1;
                break;
            }
            if self.is(0, "*") {
                self.at += 1;
                self.add(above.clone(), absolute, None);
                break;
            }
            let Some(word) = self.word(0) else {
                self.at += usize::from(!self.is(0, "}"));
                break;
            };
            let name = word.text.clone();
            self.at += 1;
            above.push(name.clone());
            if self.is(0, "::") {
                self.at += 1;
                continue;
            }
            let mut binds = name;
            if self.word(0).is_some_and(|token| token.text == "as") {
                binds = self
                    .word(1)
                    .map_or(String::new(), |token| token.text.clone());
                self.at += 2;
            }
            let mut segments = above.clone();
            if segments.len() > 1 && segments.last().is_some_and(|name| name == "self") {
                segments.pop();
                if binds == "self" {
                    binds.clone_from(&segments[segments.len() - 1]);
                }
            }
            self.add(segments, absolute, Some(binds));
            break;
        }
        above.truncate(depth);
    }

    /// Reads a path in the midst of code, if one starts here.
    fn inline_path(&mut self) {
        let before = self
            .at
            .checked_sub(1)
            .map(|at| self.tokens[at].text.as_str());
        let absolute = self.is(0, "::");
        if absolute && (self.word(1).is_none() || matches!(before, Some(">" | ")" | "]"))) {
            self.at += 1;
            return;
        }
        self.at += usize::from(absolute);
        let start = self.at;
        let mut segments = Vec::new();
        while let Some(word) = self.word(0) {
            segments.push(word.text.clone());
            self.at += 1;
            if !(self.is(0, "::") && self.word(1).is_some()) {
                break;
            }
            self.at += 1;
        }
        let member = before == Some(".") && start > 0;
        if segments.len() > 1 && !member {
            self.add(segments, absolute, None);
        }
    }
}
