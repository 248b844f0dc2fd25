//! A made-up company: its environments, services and values, and the history of all three, kept
//! as plain maps. Nothing of the program is used here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::rc::Rc;

use super::render;
use crate::random_schemas::Random;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Scalar {
    /// Takes away what stands below.
    Null,
    Bool(bool),
    Whole(u32),
    /// A number that is never whole, in tenths.
    Tenths(u32),
    Text(String),
}

impl Scalar {
    fn kind(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Whole(_) | Self::Tenths(_) => 2,
            Self::Text(_) => 3,
        }
    }
}

/// A value in a layer, and the act of somebody that first made it: a copy keeps the act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) value: Scalar,
    pub(super) act: usize,
}

/// Where a value stands; a step `@x` leads to the item that is called `x`.
pub(super) type Path = Vec<String>;
pub(super) type Layer = BTreeMap<Path, Entry>;

#[derive(Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) layer: Layer,
    pub(super) style: u64,
}

pub(super) type Tree = BTreeMap<String, File>;

pub(super) struct Commit {
    pub(super) parents: Vec<usize>,
    pub(super) tree: Rc<Tree>,
    pub(super) time: u64,
    pub(super) what: &'static str,
}

/// Somebody's decision for a value.
pub(super) struct Act {
    /// The ones that he knew of.
    pub(super) after: Vec<usize>,
    pub(super) value: Scalar,
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    /// One's own in each environment, as the schema says.
    Own,
    /// The schema has a default.
    Default,
    /// Of an item of a list.
    Item,
    /// Set by each environment in its own way, with nothing that says so.
    Apart,
}

pub(super) struct Key {
    pub(super) path: Path,
    pub(super) role: Role,
    pub(super) start: Scalar,
}

pub(super) struct World {
    pub(super) random: Random,
    /// Whether each environment has a branch of its own; else each has folders.
    pub(super) branches: bool,
    pub(super) environments: Vec<String>,
    pub(super) services: Vec<String>,
    pub(super) keys: Vec<Key>,
    pub(super) commits: Vec<Commit>,
    pub(super) acts: Vec<Act>,
    /// The last commit of each environment; all the same one where they share a branch.
    pub(super) tips: Vec<usize>,
    /// Which environment was moved to which commit, one after the other.
    pub(super) moves: Vec<(usize, usize)>,
    pub(super) clock: u64,
    /// Whether all commits are made in the same second, as by a program.
    pub(super) hasty: bool,
    pub(super) fresh: u32,
}

const ENVIRONMENTS: [&str; 12] = [
    "dev", "test", "qa", "load", "stage", "canary", "prod-a", "prod-b", "prod-c", "prod-d", "edge",
    "vault",
];

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let environments = 3 + random.below(3) * random.below(4) + random.below(4);
        let services = 1 + random.below(4);
        let names = ["cart", "search", "mail", "users"];
        let mut world = Self {
            branches: random.below(3) > 0,
            environments: ENVIRONMENTS[..environments.min(12)]
                .iter()
                .map(|&name| name.to_owned())
                .collect(),
            services: names[..services]
                .iter()
                .map(|&name| name.to_owned())
                .collect(),
            keys: Vec::new(),
            commits: Vec::new(),
            acts: Vec::new(),
            tips: Vec::new(),
            moves: Vec::new(),
            clock: 1_700_000_000,
            hasty: random.below(6) == 0,
            fresh: 1000,
            random,
        };
        world.make_keys();
        world.start();
        world
    }

    fn make_keys(&mut self) {
        let mut key = |path: &str, role, start| {
            let path = path.split('/').map(str::to_owned).collect();
            self.keys.push(Key { path, role, start });
        };
        let text = |text: &str| Scalar::Text(text.to_owned());
        key("http/timeout", Role::Plain, Scalar::Whole(30));
        key("http/retries", Role::Plain, Scalar::Whole(3));
        key("http/keep_alive", Role::Plain, Scalar::Bool(true));
        key("db/host", Role::Own, text("db.local"));
        key("db/pool/size", Role::Plain, Scalar::Whole(20));
        key("db/pool/wait", Role::Default, Scalar::Tenths(15));
        key("db/pool/idle", Role::Default, Scalar::Whole(60));
        key("cache/ratio", Role::Plain, Scalar::Tenths(7));
        key("cache/mode", Role::Plain, text("lru"));
        key("region", Role::Own, text("here"));
        key("image", Role::Plain, text("app-1.0"));
        key("workers", Role::Apart, Scalar::Whole(8));
        key("beta", Role::Plain, Scalar::Bool(false));
        key("note", Role::Plain, text("as it was"));
        key("endpoints/@http/port", Role::Item, Scalar::Whole(80));
        key("endpoints/@admin/port", Role::Item, Scalar::Whole(81));
    }

    /// Makes the first commit, and where there are branches those.
    fn start(&mut self) {
        let mut tree = Tree::new();
        for environment in 0..self.environments.len() {
            for service in 0..self.services.len() {
                for path in self.layers(environment, service) {
                    let style = self.random.next();
                    let layer = Layer::new();
                    tree.entry(path).or_insert(File { layer, style });
                }
            }
        }
        for index in 0..self.keys.len() {
            let (path, start) = (
                self.keys[index].path.clone(),
                self.keys[index].start.clone(),
            );
            let act = self.act(Vec::new(), start.clone());
            let entry = Entry { value: start, act };
            let in_base = self.random.below(2) == 0;
            let role = self.keys[index].role;
            if matches!(role, Role::Own | Role::Apart) {
                // One of its own in each environment from the first day.
                for environment in 0..self.environments.len() {
                    let text = format!("{}.{}", path[0], self.environments[environment]);
                    let value = match role {
                        Role::Own => Scalar::Text(text),
                        _ => Scalar::Whole(100 + u32::try_from(environment).unwrap()),
                    };
                    let act = self.act(Vec::new(), value.clone());
                    let file = self.own_file(environment);
                    let layer = &mut tree.get_mut(&file).unwrap().layer;
                    layer.insert(path.clone(), Entry { value, act });
                }
            } else if in_base && role != Role::Item {
                let base = tree.get_mut("config/base.yaml").unwrap();
                base.layer.insert(path, entry);
            } else {
                for environment in 0..self.environments.len() {
                    for service in 0..self.services.len() {
                        let file = match self.branches || role != Role::Item {
                            true => format!("config/services/{}.yaml", self.services[service]),
                            false => self.layers(environment, service).pop().unwrap(),
                        };
                        let layer = &mut tree.get_mut(&file).unwrap().layer;
                        layer.insert(path.clone(), entry.clone());
                    }
                }
            }
        }
        self.commits.push(Commit {
            parents: Vec::new(),
            tree: Rc::new(tree),
            time: self.clock,
            what: "start",
        });
        self.tips = vec![0; self.environments.len()];
        self.moves = (0..self.tips.len()).map(|side| (side, 0)).collect();
    }

    /// The layer of an environment that all services share.
    fn own_file(&self, environment: usize) -> String {
        let name = &self.environments[environment];
        match self.branches {
            true => format!("config/environments/{name}.yaml"),
            false => format!("environments/{name}/base.yaml"),
        }
    }

    /// The layers of a target, lowest precedence first.
    pub(super) fn layers(&self, environment: usize, service: usize) -> Vec<String> {
        let (env, name) = (&self.environments[environment], &self.services[service]);
        let own = self.own_file(environment);
        let (base, shared) = (
            "config/base.yaml".to_owned(),
            format!("config/services/{name}.yaml"),
        );
        match self.branches {
            true => vec![
                base,
                own,
                shared,
                format!("config/overrides/{name}/{env}.yaml"),
            ],
            false => vec![base, shared, own, format!("environments/{env}/{name}.yaml")],
        }
    }

    /// Says whether a layer concerns this environment alone.
    pub(super) fn is_own(&self, file: &str) -> bool {
        self.branches || file.starts_with("environments/")
    }

    pub(super) fn act(&mut self, after: Vec<usize>, value: Scalar) -> usize {
        self.acts.push(Act { after, value });
        self.acts.len() - 1
    }

    pub(super) fn tree(&self, environment: usize) -> Rc<Tree> {
        Rc::clone(&self.commits[self.tips[environment]].tree)
    }

    /// The layer that sets a value, and the value; one that takes it away is given, too.
    pub(super) fn set_in<'t>(
        &self,
        tree: &'t Tree,
        environment: usize,
        service: usize,
        path: &Path,
    ) -> Option<(String, &'t Entry)> {
        let layers = self.layers(environment, service).into_iter().rev();
        layers
            .filter_map(|file| {
                let entry = tree.get(&file)?.layer.get(path)?;
                Some((file, entry))
            })
            .next()
    }

    /// The value that a target has.
    pub(super) fn value<'t>(
        &self,
        tree: &'t Tree,
        environment: usize,
        service: usize,
        path: &Path,
    ) -> Option<&'t Entry> {
        let (_, entry) = self.set_in(tree, environment, service, path)?;
        (entry.value != Scalar::Null).then_some(entry)
    }

    /// All commits up to one.
    pub(super) fn reachable(&self, tip: usize) -> BTreeSet<usize> {
        let (mut found, mut queue) = (BTreeSet::new(), vec![tip]);
        while let Some(commit) = queue.pop() {
            if found.insert(commit) {
                queue.extend(&self.commits[commit].parents);
            }
        }
        found
    }

    /// When an environment came to have the value that it has now, in the order of things.
    fn last_change(&self, environment: usize, service: usize, path: &Path) -> usize {
        let value = |commit: usize| -> Option<&Scalar> {
            let tree = &self.commits[commit].tree;
            let entry = self.value(tree, environment, service, path)?;
            Some(&entry.value)
        };
        let now = value(self.tips[environment]);
        let mut last = 0;
        for (moment, (side, commit)) in self.moves.iter().enumerate().rev() {
            if *side == environment {
                if value(*commit) != now {
                    break;
                }
                last = moment;
            }
        }
        last
    }

    /// Every difference between two environments, by service and pointer, with its class.
    pub(super) fn truth(&self, up: usize, down: usize) -> BTreeMap<(String, String), &'static str> {
        let mut truth = BTreeMap::new();
        let (above, below) = (self.tree(up), self.tree(down));
        let pasts = [up, down].map(|side| self.reachable(self.tips[side]));
        for service in 0..self.services.len() {
            for key in &self.keys {
                let old = self.value(&above, up, service, &key.path);
                let new = self.value(&below, down, service, &key.path);
                if old.map(|entry| &entry.value) == new.map(|entry| &entry.value) {
                    continue;
                }
                let class = match (old, new) {
                    _ if key.role == Role::Own => "intentional",
                    (Some(one), None) | (None, Some(one)) => {
                        match key.role == Role::Default && one.value == key.start {
                            true => "same-by-default",
                            false => "missing-key",
                        }
                    }
                    (Some(old), Some(new)) if old.value.kind() != new.value.kind() => {
                        "type-mismatch"
                    }
                    (Some(old), Some(new)) => {
                        let past = |side: usize, environment| -> Vec<&Scalar> {
                            let commits = pasts[side].iter();
                            commits
                                .filter_map(|&commit| {
                                    let tree = &self.commits[commit].tree;
                                    let entry =
                                        self.value(tree, environment, service, &key.path)?;
                                    Some(&entry.value)
                                })
                                .collect()
                        };
                        let last =
                            [up, down].map(|side| self.last_change(side, service, &key.path));
                        class([old, new], [past(0, up), past(1, down)], last)
                    }
                    (None, None) => unreachable!(),
                };
                let pointer = self.pointer(&below, down, service, &key.path);
                truth.insert((self.services[service].clone(), pointer), class);
            }
        }
        truth
    }

    fn pointer(&self, tree: &Tree, environment: usize, service: usize, path: &Path) -> String {
        let mut pointer = String::new();
        for token in path {
            let Some(name) = token.strip_prefix('@') else {
                let _ = write!(pointer, "/{token}");
                continue;
            };
            let (file, _) = self.set_in(tree, environment, service, path).unwrap();
            let file = &tree[&file];
            let items = file.layer.keys().filter(|path| path[0] == "endpoints");
            let names: BTreeSet<&String> = items.map(|path| &path[1]).collect();
            let names: Vec<&String> = names.into_iter().collect();
            let number = render::item_number(file.style, &names, &format!("@{name}"));
            let _ = write!(pointer, "/{number}");
        }
        pointer
    }
}

/// The rule of truth. What a side has been is what its environment was at any commit that led to
/// where it is now, so a merge knows what it took in, and what it passed over. Where each side was
/// once what the other is now, the newer side is the one that changed last.
fn class(
    [old, new]: [&Entry; 2],
    [above, below]: [Vec<&Scalar>; 2],
    last: [usize; 2],
) -> &'static str {
    match (above.contains(&&new.value), below.contains(&&old.value)) {
        (true, false) => "pending-promotion",
        (false, true) => "missing-backport",
        (false, false) if above.iter().any(|value| below.contains(value)) => "diverged",
        (false, false) => "never-shared",
        (true, true) if last[0] > last[1] => "pending-promotion",
        (true, true) => "missing-backport",
    }
}
