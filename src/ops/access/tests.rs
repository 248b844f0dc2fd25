use insta::assert_snapshot;

use super::*;
use crate::git::testing::Scratch;
use crate::report::{Block, View};

fn doing(time: &str) -> Doing {
    Doing {
        time: time.to_owned(),
        who: Some("Ann <ann@shop.example>".to_owned()),
        user: None,
        command: "get".to_owned(),
    }
}

fn shown(secret: &str) -> Event {
    Event::Revealed {
        secrets: vec![secret.to_owned()],
        environment: Some("prod".to_owned()),
        service: None,
        revision: None,
    }
}

/// A log of four entries.
fn four() -> (Scratch, String) {
    let scratch = Scratch::started();
    let repo = scratch.repo();
    for (time, event) in [
        (
            "2026-03-01T12:00:00Z",
            shown("config/prod.yaml:db.password"),
        ),
        ("2026-03-01T12:00:01Z", shown("tls/server.key.age")),
        (
            "2026-03-01T12:00:02Z",
            Event::Decided {
                reference: Some("refs/heads/main".to_owned()),
                base: Some("0123456789abcdef".to_owned()),
                tip: None,
                allowed: false,
                rules: vec!["permission-missing".to_owned()],
            },
        ),
        ("2026-03-01T12:00:03Z", shown("config/prod.yaml:db.pin")),
    ] {
        record(&repo, &doing(time), vec![event]).unwrap();
    }
    let text = std::fs::read_to_string(repo.journal(FILE).path()).unwrap();
    (scratch, text)
}

/// What is wrong with a log, a line each.
fn faults(text: &[u8], noted: Option<&str>) -> String {
    let report = read("log", text, noted);
    let told = |it: &Finding| format!("{}: {}\n", it.location.start().line, it.message);
    report.findings.iter().map(told).collect()
}

#[test]
fn entries_follow_from_one_another() {
    let (scratch, text) = four();
    let report = log(&scratch.repo(), None).unwrap();
    assert!(report.findings.is_empty());
    let numbers: Vec<u64> = report.body.entries.iter().map(|it| it.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    assert_snapshot!(text.lines().next().unwrap(), @r#"{"number":1,"time":"2026-03-01T12:00:00Z","who":"Ann <ann@shop.example>","user":null,"command":"get","event":"revealed","secrets":["config/prod.yaml:db.password"],"environment":"prod","service":null,"revision":null,"previous":null}"#);
    assert_snapshot!(text.lines().nth(2).unwrap(), @r#"{"number":3,"time":"2026-03-01T12:00:02Z","who":"Ann <ann@shop.example>","user":null,"command":"get","event":"decided","ref":"refs/heads/main","base":"0123456789abcdef","tip":null,"allowed":false,"rules":["permission-missing"],"previous":"517c0bdc6533fb9dec640543150b3026346477afa3930317c21dab782812a73c"}"#);
    let last = text.lines().next_back().unwrap();
    assert_eq!(
        report.body.last.as_deref(),
        Some(digest(last.as_bytes()).as_str())
    );
    // A clone without a log has nothing to be wrong.
    let empty = log(&Scratch::started().repo(), None).unwrap();
    assert!(empty.findings.is_empty() && empty.body.last.is_none());
}

#[test]
fn whatever_is_done_to_a_log_shows() {
    let (_, text) = four();
    let lines: Vec<&str> = text.lines().collect();
    let joined = |lines: &[&str]| lines.iter().map(|it| format!("{it}\n")).collect::<String>();
    let changed = text.replace("server.key", "client.key");
    assert_snapshot!(faults(changed.as_bytes(), None), @"3: line 3 does not follow from the one before it");
    let without = joined(&[lines[0], lines[2], lines[3]]);
    assert_snapshot!(faults(without.as_bytes(), None), @"2: line 2 does not follow from the one before it");
    let first = joined(&lines[1..]);
    assert_snapshot!(faults(first.as_bytes(), None), @"1: line 1 does not follow from the one before it");
    let swapped = joined(&[lines[0], lines[2], lines[1], lines[3]]);
    assert_snapshot!(faults(swapped.as_bytes(), None), @"
    2: line 2 does not follow from the one before it
    3: line 3 does not follow from the one before it
    4: line 4 does not follow from the one before it
    ");
    let again = joined(&[lines[0], lines[0], lines[1], lines[2], lines[3]]);
    assert_snapshot!(faults(again.as_bytes(), None), @"2: line 2 does not follow from the one before it");
    let torn = format!("{}\n{}", &text[..text.len() - 20], "\u{fffd}");
    assert_snapshot!(faults(torn.as_bytes(), None), @"
    4: line 4 is no entry
    5: line 5 is no entry
    ");
    assert_snapshot!(faults(b"\xff\xfe\n\n{}\n", None), @"
    1: line 1 is no entry
    2: line 2 is no entry
    3: line 3 is no entry
    ");
    // What is cut off shows beside a hash that was noted.
    let end = digest(lines[3].as_bytes());
    assert_eq!(faults(text.as_bytes(), Some(&end)), "");
    assert_eq!(
        faults(text.as_bytes(), Some(&digest(lines[1].as_bytes()))),
        ""
    );
    let cut = joined(&lines[..3]);
    assert_eq!(faults(cut.as_bytes(), None), "");
    assert!(faults(cut.as_bytes(), Some(&end)).contains("is not in the log"));
    assert!(faults(b"", Some(&end)).contains("is not in the log"));
}

#[test]
fn a_log_goes_on_behind_what_was_torn() {
    let (scratch, text) = four();
    let repo = scratch.repo();
    std::fs::write(repo.journal(FILE).path(), &text[..text.len() - 9]).unwrap();
    for _ in 0..2 {
        record(&repo, &doing("2026-03-02T00:00:00Z"), vec![shown("a:b")]).unwrap();
    }
    let report = log(&repo, None).unwrap();
    let told: Vec<_> = report
        .findings
        .iter()
        .map(|it| it.message.as_str())
        .collect();
    assert_eq!(told, ["line 4 is no entry"]);
    assert_eq!(report.body.entries.len(), 5);
}

#[test]
fn a_log_that_cannot_be_written_says_so() {
    let scratch = Scratch::started();
    let repo = scratch.repo();
    let path = repo.journal(FILE).path().to_owned();
    std::fs::create_dir_all(&path).unwrap();
    let error = record(&repo, &doing(""), vec![shown("a:b")]).unwrap_err();
    assert!(error.to_string().ends_with("cannot be written"), "{error}");
    let error = log(&repo, None).unwrap_err();
    assert!(error.to_string().ends_with("cannot be read"), "{error}");
}

#[test]
fn what_is_noted_together_follows_from_one_another_too() {
    let scratch = Scratch::started();
    let repo = scratch.repo();
    let note = |events: Vec<Event>| record(&repo, &doing("2026-03-01T12:00:00Z"), events).unwrap();
    note(Vec::new());
    assert!(!repo.journal(FILE).path().exists());
    note(vec![shown("a:b"), shown("a:c")]);
    note(vec![shown("a:d")]);
    let report = log(&repo, None).unwrap();
    assert!(report.findings.is_empty());
    let numbers: Vec<u64> = report.body.entries.iter().map(|it| it.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn the_log_is_shown_line_by_line() {
    let (scratch, _) = four();
    let body = log(&scratch.repo(), None).unwrap().body;
    let lines = |body: &AccessBody| {
        let blocks = body.view();
        let lines = blocks.iter().map(|block| match block {
            Block::Text(text) => text.clone(),
            Block::Table { rows, .. } => {
                let rows: Vec<_> = rows.iter().map(|row| row.join(" | ")).collect();
                rows.join("\n")
            }
            other => format!("{other:?}"),
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(lines(&body), @"
    2026-03-01T12:00:00Z | Ann <ann@shop.example> | get | showed | config/prod.yaml:db.password (prod)
    2026-03-01T12:00:01Z | Ann <ann@shop.example> | get | showed | tls/server.key.age (prod)
    2026-03-01T12:00:02Z | Ann <ann@shop.example> | get | refused | refs/heads/main 0123456789..nothing (permission-missing)
    2026-03-01T12:00:03Z | Ann <ann@shop.example> | get | showed | config/prod.yaml:db.pin (prod)
    the hash of the last entry: de994067231a29edc9cdbbc15dad64dd3e59bd16758984d618238034833b7e9d
    ");
    let short = AccessBody {
        is_short: true,
        ..body
    };
    assert_snapshot!(lines(&short), @"
    4 entries
    the hash of the last entry: de994067231a29edc9cdbbc15dad64dd3e59bd16758984d618238034833b7e9d
    ");
    let empty = log(&Scratch::started().repo(), None).unwrap().body;
    assert_snapshot!(lines(&empty), @"nothing is in the access log");
}
