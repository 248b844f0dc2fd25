use super::*;

fn report(findings: Vec<Finding>, blocks: Vec<Block>) -> Report<Body> {
    let answer = String::new();
    Report::new(None, findings, Body { answer, blocks })
}

fn sized(report: &Report<Body>, width: usize) -> String {
    let style = Style {
        width,
        ..Style::default()
    };
    drawn_with(Format::Human, report, style)
}

#[test]
fn raw_answer_stands_alone() {
    let raw = report(
        hard_sample().findings,
        vec![Block::Raw("\u{1b}exact\tvalue".to_owned())],
    );
    assert_eq!(drawn(Format::Human, &raw), "\u{1b}exact\tvalue\n");
    let raw = report(Vec::new(), vec![Block::Raw("line\n".to_owned())]);
    assert_eq!(drawn(Format::Human, &raw), "line\n");
    insta::assert_snapshot!(drawn(Format::Markdown, &raw), @r#"
    ## git strata check

    ```
    line
    ```
    "#);
}

#[test]
fn long_lines_and_long_blocks_are_cut() {
    let text = format!(
        "a: {}WRONG{}\nb:\n  c: 1\n  d: 2\n\n  e: 3\nf: 4\n",
        "x".repeat(300),
        "y".repeat(300)
    );
    let source = Arc::new(Source::new("a.yaml", text));
    let at = |text| Location::new(&source, span_of(&source, text)).with_label("this one");
    let findings = vec![
        Finding::new(&REMOVED, "a long line", at("WRONG")),
        Finding::new(&RISKY, "a block", at("b:\n  c: 1\n  d: 2\n\n  e: 3\n")),
        Finding::new(&RISKY, "two lines", at("b:\n  c")).with_help("one\ntwo"),
        Finding::new(&RISKY, "one line and its end", at("f: 4\n")),
        Finding::new(
            &NOTICE,
            "a point",
            Location::new(&source, Span::at(0)).with_pointer(Pointer::root()),
        ),
    ];
    insta::assert_snapshot!(sized(&report(findings, Vec::new()), 60), @"
    info[unused-layer]: a point
     --> a.yaml:1:1

    error[removed-option]: a long line
     --> a.yaml:1:304
      |
    1 | …xxxxxxxxxxxxxxxxxxxxxxxxWRONGyyyyyyyyyyyyyyyyyyyyyyyy…
      |                          ^^^^^ this one

    warning[risky-value]: two lines
     --> a.yaml:2:1
      |
    2 | / b:
    3 | |   c: 1
      | |___^ this one
      |
      = help: one
              two

    warning[risky-value]: a block
     --> a.yaml:2:1
      |
    2 | / b:
    ... |
    6 | |   e: 3
      | |______^ this one

    warning[risky-value]: one line and its end
     --> a.yaml:7:1
      |
    7 | f: 4
      | ^^^^ this one

    1 error, 3 warnings, 1 info
    ");
}

#[test]
fn marks_stand_under_tabs_and_wide_characters() {
    let source = Arc::new(Source::new(
        "\u{1b}[2Ja.yaml",
        "\u{feff}\t漢e\u{301}: bad\n",
    ));
    let at = |text| Location::new(&source, span_of(&source, text));
    let findings = vec![
        Finding::new(&REMOVED, "wide", at("漢")),
        Finding::new(&REMOVED, "combined", at("e\u{301}")),
        Finding::new(&REMOVED, "behind", at("bad")),
        Finding::new(&REMOVED, "mark", at("\u{feff}")),
    ];
    insta::assert_snapshot!(sized(&report(findings, Vec::new()), 80), @r#"
    error[removed-option]: mark
     --> ␛[2Ja.yaml:1:1
      |
    1 |     漢é: bad
      | ^

    error[removed-option]: wide
     --> ␛[2Ja.yaml:1:2
      |
    1 |     漢é: bad
      |     ^^

    error[removed-option]: combined
     --> ␛[2Ja.yaml:1:3
      |
    1 |     漢é: bad
      |       ^

    error[removed-option]: behind
     --> ␛[2Ja.yaml:1:7
      |
    1 |     漢é: bad
      |          ^^^

    4 errors
    "#);
}

#[test]
fn table_is_cut_to_the_width() {
    let rows = vec![
        texts(&[
            "database.pool.size",
            "a value that is far too long to stand here",
            "x",
        ]),
        texts(&["short", "漢字漢字漢字漢字漢字漢字漢字漢字漢字", "yes"]),
    ];
    let columns = texts(&["key", "value", "set"]);
    let table = report(Vec::new(), vec![Block::Table { columns, rows }]);
    insta::assert_snapshot!(sized(&table, 44), @r#"
    key                 value                set
    database.pool.size  a value that is fa…  x
    short               漢字漢字漢字漢字漢…  yes

    no findings
    "#);
    insta::assert_snapshot!(sized(&table, 10), @r#"
    key       value     set
    databas…  a value…  x
    short     漢字漢…   yes

    no findings
    "#);
    insta::assert_snapshot!(sized(&table, 0), @r#"
    key                 value                                       set
    database.pool.size  a value that is far too long to stand here  x
    short               漢字漢字漢字漢字漢字漢字漢字漢字漢字        yes

    no findings
    "#);
}

#[test]
fn quiet_leaves_out_tally_and_infos() {
    let style = Style {
        quiet: true,
        ..Style::default()
    };
    let source = Arc::new(Source::new("a.yaml", ""));
    let mut findings = vec![Finding::new(&NOTICE, "minor", Location::file(&source))];
    let quiet = report(findings.clone(), Vec::new());
    assert_eq!(drawn_with(Format::Human, &quiet, style), "");
    findings.push(Finding::new(&RISKY, "major", Location::file(&source)));
    let quiet = report(findings, Vec::new());
    insta::assert_snapshot!(drawn_with(Format::Human, &quiet, style), @r#"
    warning[risky-value]: major
     --> a.yaml
    "#);
}

#[test]
fn verbose_tells_about_the_rule() {
    let style = Style {
        verbose: true,
        ..Style::default()
    };
    let source = Arc::new(Source::new("a.yaml", ""));
    let finding = Finding::new(&RISKY, "major", Location::file(&source));
    let text = drawn_with(Format::Human, &report(vec![finding], Vec::new()), style);
    insta::assert_snapshot!(text, @r#"
    warning[risky-value]: major
     --> a.yaml
      = note: a value is risky
      = note: for more, run `git strata explain risky-value`

    1 warning
    "#);
}

#[test]
fn colours_add_nothing_but_colours() {
    let sample = report(hard_sample().findings, hard_blocks());
    let style = Style {
        color: true,
        ..Style::default()
    };
    let coloured = drawn_with(Format::Human, &sample, style);
    let mut plain = String::new();
    let mut parts = coloured.split('\u{1b}');
    plain.push_str(parts.next().unwrap());
    for part in parts {
        let (code, rest) = part.split_once('m').unwrap();
        assert!(code.starts_with('['), "{code:?}");
        plain.push_str(rest);
    }
    assert_eq!(plain, drawn(Format::Human, &sample));
    assert!(coloured.contains("\u{1b}[32m+b\u{1b}[0m"), "{coloured}");
    assert!(coloured.contains("error[removed-option]\u{1b}[0m"));
}

#[test]
fn broken_pipe_keeps_its_kind() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let report = hard_sample();
    let answer = Answer {
        command: "check",
        report: &report,
        rules: &[],
        tool_version: "0.1.0",
    };
    for format in Format::ALL {
        let error = render(format, &answer, &Style::default(), &mut Closed).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe, "{format}");
    }
}

#[test]
fn diff_keeps_what_a_patch_needs() {
    let diff = "+++ b/x\n+\ta\r\n-\u{1b}[2J\n".to_owned();
    let text = drawn(Format::Human, &report(Vec::new(), vec![Block::Diff(diff)]));
    assert_eq!(text, "+++ b/x\n+\ta\r\n-␛[2J\n\nno findings\n");
}

#[test]
fn many_findings_are_drawn_as_they_are_one_by_one() {
    let source = Arc::new(Source::new("a.yaml", "a: 1\nb: 2\n"));
    let finding = |rule| Finding::new(rule, "it is so", Location::new(&source, Span::at(0)));
    let quiet = Style {
        quiet: true,
        ..Style::default()
    };
    let one = |rule, style| drawn_with(Format::Human, &report(vec![finding(rule)], vec![]), style);
    let (loud, told) = (one(&REMOVED, quiet), one(&NOTICE, Style::default()));
    let (told, _) = told.split_once("\n\n").unwrap();
    let told = format!("{told}\n");
    // In the order given: the same place again and again.
    let given = |rules: &[&'static Rule], blocks| {
        let mut report = report(Vec::new(), blocks);
        report.findings = rules.iter().copied().map(finding).collect();
        report
    };
    // A share is of 2,048.
    let shares = [2048, 2048, 2048, 5];
    for pattern in 0..1 << shares.len() {
        let rules: Vec<&'static Rule> = shares
            .iter()
            .enumerate()
            .flat_map(|(at, &count)| {
                let is_loud = pattern >> at & 1 == 1;
                std::iter::repeat_n(if is_loud { &REMOVED } else { &NOTICE }, count)
            })
            .collect();
        for blocks in [vec![], vec![Block::Text("the body".to_owned())]] {
            let body = vec!["the body\n"; blocks.len()].into_iter();
            let all = given(&rules, blocks);
            let errors = rules.iter().filter(|rule| rule.id == REMOVED.id);
            let errors = errors.map(|_| loud.as_str());
            let expected: Vec<&str> = body.clone().chain(errors).collect();
            let drawn = drawn_with(Format::Human, &all, quiet);
            assert!(drawn == expected.join("\n"), "quiet, {pattern:b}");

            let each = rules.iter().map(|rule| match rule.id == REMOVED.id {
                true => loud.as_str(),
                false => told.as_str(),
            });
            let mut expected: Vec<&str> = body.chain(each).collect();
            let drawn = drawn_with(Format::Human, &all, Style::default());
            let (_, last) = drawn.rsplit_once("\n\n").unwrap();
            expected.push(last);
            assert!(drawn == expected.join("\n"), "{pattern:b}");
        }
    }
}
