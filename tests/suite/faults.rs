//! What is left when a writer is killed, the disk is full, a folder cannot be written or an object
//! is broken: the old state or the new one, and a word about what to do.
//!
//! `STRATA_KILLS=1000 cargo test --test suite -- faults` kills more writers.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::harness::{Place, hermetic};
use crate::random_schemas::Random;

const PROGRAM: &str = env!("CARGO_BIN_EXE_git-strata");

/// How many writers are killed when nothing else is asked for.
fn kills() -> usize {
    let asked = std::env::var("STRATA_KILLS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(12)
}

/// Two environments on branches; the work tree stands on the second.
fn place() -> Place {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    place.write(
        "strata.yaml",
        "strata: 1\nlayers: [base.yaml, more.yaml]\nenvironments:\n  \
         staging: { ref: staging }\n  prod: { ref: main, follows: staging }\n",
    );
    let many: String = (0..200).map(|key| format!("k{key}: {key}\n")).collect();
    place
        .write("base.yaml", format!("a: 0\n{many}"))
        .write("more.yaml", "b: 0\n");
    place.commit("start");
    place.git(&["branch", "staging"]);
    place
}

fn locks(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(locks(&path));
        } else if path.extension().is_some_and(|end| end == "lock") {
            found.push(path);
        }
    }
    found
}

fn value(place: &Place, key: &str, environment: &str) -> String {
    let ran = place.run(&format!("get {key} --env {environment}"));
    assert_eq!(ran.status, 0, "{}", ran.err);
    ran.out.trim().to_owned()
}

/// Starts a writer and kills it after a while; says whether it was through before.
fn killed(place: &Place, words: &[&str], after: Duration) -> bool {
    let mut child = hermetic(PROGRAM, place.path())
        .args(words)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    let done = child
        .try_wait()
        .unwrap()
        .is_some_and(|status| status.success());
    child.kill().unwrap();
    child.wait().unwrap();
    done
}

/// Looks whether all is sound, takes away what locks were left, as the help says, and brings the
/// work tree up to date.
fn recover(place: &Place) {
    let fsck = place.git(&["fsck", "--strict", "--no-dangling"]);
    assert_eq!(fsck.status, 0, "{}", fsck.all());
    for file in ["base.yaml", "more.yaml"] {
        let text = std::fs::read(place.path().join(file)).unwrap();
        let known = place
            .git(&["cat-file", "blob", &format!("HEAD:{file}")])
            .out;
        let before = place.git(&["cat-file", "blob", &format!(":{file}")]).out;
        let earlier = place
            .git(&["cat-file", "blob", &format!("HEAD~1:{file}")])
            .out;
        let text = String::from_utf8(text).unwrap();
        assert!(
            [known, before, earlier].contains(&text),
            "{file} is torn: {text}"
        );
    }
    for lock in locks(&place.path().join(".git")) {
        std::fs::remove_file(lock).unwrap();
    }
    place.git(&["reset", "-q", "--hard"]);
}

#[test]
fn killed_writers_leave_the_old_state_or_the_new_one() {
    let place = place();
    let start = Instant::now();
    assert_eq!(place.run("set b=1 --env prod -m first").status, 0);
    let usual = u64::try_from(start.elapsed().as_micros()).unwrap();
    let mut random = Random(7);
    let (mut known, mut through) = (String::from("1"), 0);
    for number in 2..2 + kills() {
        let pause = Duration::from_micros(random.next() % (usual * 5 / 4));
        let new = number.to_string();
        let done = if number % 3 > 0 {
            let assignment = format!("b={number}");
            killed(
                &place,
                &["set", &assignment, "--env", "prod", "-m", "x"],
                pause,
            )
        } else {
            let ran = place.run(&format!("set b={number} --env staging -m x"));
            assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
            let all = ["promote", "staging", "prod", "--all", "-m", "x"];
            killed(&place, &all, pause)
        };
        recover(&place);
        let now = value(&place, "b", "prod");
        assert!(
            now == new || now == known && !done,
            "{now}, after {known}, for {new}"
        );
        through += usize::from(now == new);
        known = now;
        let all = place.git(&["show", "main:base.yaml"]).out;
        assert!(all.starts_with("a: 0\nk0: 0\n") && all.ends_with("k199: 199\n"));
    }
    let count: usize = place
        .git(&["rev-list", "--count", "main"])
        .out
        .trim()
        .parse()
        .unwrap();
    assert_eq!(count, 2 + through, "every change is one commit");
}

#[test]
fn a_lock_left_by_a_killed_process_is_told_with_what_to_do() {
    let place = place();
    let head = place.git(&["rev-parse", "main"]).out;
    for lock in ["refs/heads/main.lock", "index.lock"] {
        let file = place.path().join(".git").join(lock);
        std::fs::write(&file, "").unwrap();
        let ran = place.run("set b=5 --env prod -m x");
        assert_eq!(ran.status, 2, "{}", ran.all());
        let help = format!("rm '{}'", file.display());
        assert!(
            ran.err.contains("help: ") && ran.err.contains(&help),
            "{}",
            ran.err
        );
        assert_eq!(
            place.git(&["rev-parse", "main"]).out,
            head,
            "nothing has changed"
        );
        std::fs::remove_file(file).unwrap();
    }
    assert_eq!(place.run("set b=5 --env prod -m x").status, 0);
    assert_eq!(place.git(&["status", "--porcelain"]).out, "");
}

#[test]
fn twenty_writers_lose_nothing() {
    let place = place();
    std::thread::scope(|scope| {
        for writer in 0..20 {
            let place = &place;
            scope.spawn(move || {
                let environment = if writer % 4 == 0 { "staging" } else { "prod" };
                let words = format!("set w{writer}={writer} --env {environment} -m w{writer}");
                let ran = place.run(&words);
                assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
            });
        }
    });
    for writer in 0..20 {
        let environment = if writer % 4 == 0 { "staging" } else { "prod" };
        assert_eq!(
            value(&place, &format!("w{writer}"), environment),
            writer.to_string()
        );
    }
    let count = place.git(&["rev-list", "--count", "main"]).out;
    assert_eq!(count.trim(), "16");
    assert_eq!(place.git(&["fsck", "--strict"]).status, 0);
    assert_eq!(place.git(&["status", "--porcelain"]).out, "");
}

/// Files may not grow beyond a size: as on a full disk, a write stops half-way.
#[test]
fn a_full_disk_changes_nothing() {
    let place = place();
    let head = place.git(&["rev-parse", "main"]).out;
    // In blocks of 512 bytes or of 1,024; with the signal ignored the write itself fails.
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$0\" set b=9 --env prod -m x";
    let output = hermetic("sh", place.path())
        .args(["-c", script, PROGRAM])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.starts_with("error: ") && said.contains("because: "),
        "{said}"
    );
    assert_eq!(place.git(&["rev-parse", "main"]).out, head);
    assert!(locks(&place.path().join(".git")).is_empty());
    assert_eq!(place.git(&["status", "--porcelain"]).out, "");
    assert_eq!(place.run("set b=9 --env prod -m x").status, 0);
    assert_eq!(value(&place, "b", "prod"), "9");
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_changes_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let place = place();
    let objects = place.path().join(".git/objects");
    let mode = |mode| std::fs::set_permissions(&objects, PermissionsExt::from_mode(mode)).unwrap();
    mode(0o555);
    let probe = objects.join("probe");
    if std::fs::write(&probe, "").is_ok() {
        // The superuser writes wherever he likes: there is nothing to be seen.
        std::fs::remove_file(probe).unwrap();
        mode(0o755);
        return;
    }
    let head = place.git(&["rev-parse", "main"]).out;
    let ran = place.run("set b=9 --env prod -m x");
    mode(0o755);
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert!(ran.err.contains("cannot write"), "{}", ran.err);
    assert_eq!(place.git(&["rev-parse", "main"]).out, head);
    assert_eq!(place.git(&["status", "--porcelain"]).out, "");
}

#[test]
fn a_broken_object_is_named_and_nothing_is_made_of_it() {
    let place = place();
    let id = place.git(&["rev-parse", "main:base.yaml"]).out;
    let id = id.trim();
    let object = place
        .path()
        .join(".git/objects")
        .join(&id[..2])
        .join(&id[2..]);
    for bytes in [&b"no object"[..], b""] {
        std::fs::remove_file(&object).unwrap();
        std::fs::write(&object, bytes).unwrap();
        let head = place.git(&["rev-parse", "main"]).out;
        for words in [
            "get a --env prod",
            "set a=9 --env prod -m x",
            "drift staging prod",
        ] {
            let ran = place.run(words);
            // Two equal trees need not be read to be equal.
            if words.starts_with("drift") && ran.status == 0 {
                continue;
            }
            assert_eq!(ran.status, 2, "{words}: {}", ran.all());
            assert!(
                ran.err.contains(id) && ran.err.contains("help: "),
                "{}",
                ran.err
            );
        }
        assert_eq!(place.git(&["rev-parse", "main"]).out, head);
    }
}
