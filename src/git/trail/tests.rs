use super::*;
use crate::git::testing::Scratch;

fn trail(scratch: &Scratch, tips: &[&str], paths: &[&str]) -> Trail {
    let tips: Vec<Oid> = tips.iter().map(|tip| scratch.id(tip)).collect();
    let paths: Vec<BString> = paths.iter().map(|path| BString::from(*path)).collect();
    scratch.repo().trail(&tips, &paths, 1000).unwrap()
}

fn told(scratch: &Scratch, trail: &Trail) -> Vec<String> {
    let repo = scratch.repo();
    let steps = trail.steps.iter().map(|step| {
        let turns: Vec<_> = step
            .turns
            .iter()
            .map(|turn| {
                let kind = match (turn.before, turn.after) {
                    (None, _) => "+",
                    (_, None) => "-",
                    _ => "~",
                };
                format!("{kind}{}", turn.path)
            })
            .collect();
        let title = repo.commit(step.id).unwrap().title();
        format!("{title} {} {}", step.reaches, turns.join(","))
    });
    steps.collect()
}

#[test]
fn trail_tells_what_every_commit_has_otherwise_than_its_parents() {
    let scratch = Scratch::started();
    scratch.write("dir/sub/c.yaml", "c: 2\n");
    scratch.commit("c");
    scratch.git(&["branch", "other"]);
    scratch.git(&["rm", "-q", "a.yaml"]);
    scratch.write("dir/b.yaml", "b: 2\n");
    scratch.write("e.yaml", "e: 1\n");
    scratch.commit("several");
    scratch.git(&["checkout", "-q", "other"]);
    // A folder where there was a file.
    scratch.git(&["rm", "-q", "-r", "dir/sub"]);
    scratch.git(&["rm", "-q", "a.yaml"]);
    scratch.write("a.yaml/x.yaml", "x: 1\n");
    scratch.commit("folder");
    scratch.git(&["merge", "-q", "-m", "merge", "-s", "ours", "main"]);
    let paths = [
        "a.yaml",
        "dir/b.yaml",
        "dir/sub/c.yaml",
        "a.yaml/x.yaml",
        "no/where",
    ];
    let found = trail(&scratch, &["main", "other"], &paths);
    insta::assert_debug_snapshot!(told(&scratch, &found), @r#"
    [
        "merge 2 +3,~1,-2",
        "folder 2 -0,+3,-2",
        "several 3 -0,~1",
        "c 3 ~2",
        "start 3 ",
    ]
    "#);
    assert!(!found.is_cut);
    assert_eq!(found.tips.len(), 2);
}

#[test]
fn trail_ends_where_it_is_told_to_and_where_a_clone_was_cut_off() {
    let scratch = Scratch::started();
    for number in 2..6 {
        scratch.write("a.yaml", format!("a: {number}\n"));
        scratch.commit("next");
    }
    let tips = [scratch.id("main")];
    let few = scratch.repo().trail(&tips, &["a.yaml".into()], 3).unwrap();
    assert!(few.is_cut && few.steps.len() == 3);
    let url = format!("file://{}", scratch.path().display());
    scratch.git(&["clone", "-q", "--depth", "2", &url, "../shallow"]);
    let shallow = Repo::discover(scratch.beside("shallow")).unwrap();
    let cut = shallow.trail(&tips, &["a.yaml".into()], 100).unwrap();
    assert!(cut.is_cut && cut.steps.len() == 2);
    assert_eq!(cut.steps[0].turns.len(), 1);
}

#[test]
fn a_commit_graph_file_tells_the_same() {
    let scratch = Scratch::diverged();
    scratch.git(&["merge", "-q", "-m", "merge", "main"]);
    let paths = ["a.yaml", "dir/b.yaml"];
    let before = told(&scratch, &trail(&scratch, &["main", "HEAD"], &paths));
    scratch.git(&["commit-graph", "write", "--reachable"]);
    scratch.write("a.yaml", "a: 100\n");
    assert_eq!(
        before,
        told(&scratch, &trail(&scratch, &["main", "HEAD"], &paths))
    );
    scratch.commit("beyond the file");
    let after = told(&scratch, &trail(&scratch, &["main", "HEAD"], &paths));
    assert_eq!(after[0], "beyond the file 2 ~0");
    assert_eq!(after[1..], before);
}

#[test]
fn long_histories_with_branches_are_told_as_short_ones() {
    let scratch = Scratch::started();
    // Two branches of 150 commits, which take each other up at times; then one of them alone.
    let mut import = String::new();
    let mut commit = |branch: &str, mark: usize, time: usize, from: &str| {
        import += &format!(
            "commit refs/heads/{branch}\nmark :{mark}\ncommitter Ada <a@example.org> {} +0000\ndata 2\nc\n{from}M 100644 inline {branch}.yaml\ndata 5\n{mark:05}\n",
            1_800_000_000 + time
        );
    };
    for number in 1..=150 {
        let (left, right) = (number * 2, number * 2 + 1);
        let first = if number == 1 {
            "from refs/heads/main^0\n"
        } else {
            ""
        };
        commit("left", left, number * 10, first);
        let merges = format!("merge :{left}\n");
        let from = match number {
            1 => first,
            number if number % 40 == 0 => &merges,
            _ => "",
        };
        commit("right", right, number * 10 + number % 3, from);
    }
    scratch.import(&import);
    let paths = ["left.yaml", "right.yaml"];
    let found = trail(&scratch, &["left", "right"], &paths);
    let listed = scratch.git(&["rev-list", "--date-order", "--parents", "left", "right"]);
    assert_eq!(found.steps.len(), listed.lines().count());
    let id = |place: usize| found.steps[place].id.to_string();
    for line in listed.lines() {
        let mut ids = line.split(' ');
        let commit = ids.next().unwrap();
        let step = found.steps.iter().find(|it| it.id.to_string() == commit);
        let step = step.unwrap();
        let parents: Vec<String> = step.parents.iter().map(|&at| id(at)).collect();
        assert_eq!(parents, ids.collect::<Vec<_>>());
        let own = step.turns.iter().filter(|turn| turn.after.is_some());
        assert!(own.count() >= usize::from(!step.parents.is_empty()));
    }
    // Cut off in the middle of what was read ahead.
    let tips = [scratch.id("left"), scratch.id("right")];
    let few = scratch.repo().trail(&tips, &[], 100).unwrap();
    assert!(few.is_cut && few.steps.len() == 100);
}

#[test]
fn versions_are_read_first_that_others_are_told_by() {
    let scratch = Scratch::started();
    let mut import = String::new();
    let mut commit = |number: usize, changes: &[usize]| {
        let from = ["from refs/heads/main^0\n", ""][number.min(1)];
        let time = 1_800_000_000 + number;
        import += &format!(
            "commit refs/heads/main\ncommitter Ada <a@example.org> {time} +0000\ndata 2\nc\n{from}"
        );
        for file in changes {
            import += &format!("M 100644 inline dir/{file:02}.yaml\ndata 5\n{number:05}\n");
        }
    };
    let all: Vec<usize> = (0..50).collect();
    commit(0, &all);
    (1..=100).for_each(|number| commit(number, &[number * 7 % 50]));
    scratch.import(&import);
    let earlier_first = |trail: &Trail| {
        let trees: Vec<Oid> = trail.steps.iter().map(|step| step.tree).collect();
        let pairs = trees.windows(2).map(|pair| [pair[0], pair[1]]);
        scratch.repo().reads_earlier_first(pairs)
    };
    let paths: Vec<String> = all.iter().map(|n| format!("dir/{n:02}.yaml")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let before = trail(&scratch, &["main"], &paths);
    assert!(earlier_first(&before));
    scratch.git(&["repack", "-adfq"]);
    let after = trail(&scratch, &["main"], &paths);
    assert!(!earlier_first(&after));
    assert_eq!(before.steps.len(), 102);
    for (number, (before, after)) in before.steps.iter().zip(&after.steps).enumerate() {
        let expected = match number {
            0..100 => vec![(100 - number) * 7 % 50],
            100 => all.clone(),
            _ => Vec::new(),
        };
        let mut told: Vec<usize> = before.turns.iter().map(|turn| turn.path).collect();
        told.sort_unstable();
        assert_eq!(told, expected);
        assert_eq!((before.id, &before.turns), (after.id, &after.turns));
    }
    assert!(!scratch.repo().reads_earlier_first([].into_iter()));
}
