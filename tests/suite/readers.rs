//! Programs that read configuration while it changes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, RwLock};

use strata::config::{Configuration, Resolved, Snapshot};
use strata::git::Repo;

use crate::harness::Place;

fn resolve(place: &Place, revision: &str) -> Resolved {
    let repo = Repo::discover(place.path()).unwrap();
    let here = Snapshot::of_revision(&repo, &repo.revision(revision).unwrap());
    let configuration = Configuration::open(Some(repo), here).unwrap();
    let target = configuration.target(Some("live"), None).unwrap();
    configuration.resolve(&target).unwrap()
}

#[test]
fn sixteen_threads_never_see_half_of_a_change() {
    const GENERATIONS: u32 = 12;
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    place.write(
        "strata.yaml",
        "strata: 1\nlayers: [base.yaml, '{environment}.yaml']\nenvironments: { live: {} }\n",
    );
    for number in 0..GENERATIONS {
        let keys: String = (0..50).map(|key| format!("  k{key}: {number}\n")).collect();
        place.write("base.yaml", format!("first: {number}\nmap:\n{keys}"));
        place.write(
            "live.yaml",
            format!("map: {{ k7: {number} }}\nlast: {number}\n"),
        );
        place.commit("next");
        place.git(&["tag", &format!("g{number}")]);
    }
    let current = RwLock::new(Arc::new(resolve(&place, "g0")));
    let (ended, reads) = (AtomicBool::new(false), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let mut latest = 0;
                while !ended.load(Ordering::Relaxed) {
                    let now = Arc::clone(&current.read().unwrap());
                    let first: u32 = now.get("first").unwrap();
                    let map: BTreeMap<String, u32> = now.get("map").unwrap();
                    assert!(map.len() == 50 && map.values().all(|value| *value == first));
                    assert_eq!(now.get::<u32>("last").unwrap(), first);
                    assert!(first >= latest, "what was new is old again");
                    latest = first;
                    reads.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for number in 1..GENERATIONS {
            let next = Arc::new(resolve(&place, &format!("g{number}")));
            *current.write().unwrap() = next;
        }
        ended.store(true, Ordering::Relaxed);
    });
    let last: u32 = current.read().unwrap().get("last").unwrap();
    assert_eq!(last, GENERATIONS - 1);
    assert!(reads.load(Ordering::Relaxed) > 16);
}
