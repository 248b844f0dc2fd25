//! What people do: they change values, carry them over in every way there is, and tidy up.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::world::{Commit, Entry, File, Path, Role, Scalar, Tree, World};

impl World {
    /// Lets so many things happen.
    pub(super) fn live(&mut self, steps: usize) {
        for _ in 0..steps {
            let last = self.environments.len() - 1;
            let down = 1 + self.random.below(last);
            let up = down - 1;
            let any = match self.random.below(2) {
                0 => 0,
                _ => self.random.below(last + 1),
            };
            let service = self.random.below(self.services.len());
            let key = self.random.below(self.keys.len());
            match self.random.below(100) {
                0..26 => self.change(any, service, key, "change"),
                26..36 => match self.branches {
                    true => self.merge(up, down),
                    false => self.squash(up, down, service),
                },
                36..50 => self.copy(up, down, service, key, "promote"),
                50..56 => self.squash(up, down, service),
                56..64 => self.change(down, service, key, "hot fix"),
                64..68 => self.copy(down, up, service, key, "back-port"),
                68..71 => {
                    self.change(up, service, key, "one way");
                    self.change(down, service, key, "another way");
                }
                71..75 => self.unset(any, service, key),
                75..78 => self.retype(any, service, key),
                78..85 => self.revert(any, service, key),
                85..90 => self.lift(any, service, key),
                _ => self.tidy(any),
            }
        }
    }

    /// Commits a tree to where an environment lives.
    fn commit(&mut self, environment: usize, mut tree: Tree, what: &'static str) {
        let tip = self.tips[environment];
        if self.random.below(6) == 0 {
            self.restyle(&mut tree);
        }
        if tree == *self.commits[tip].tree {
            return;
        }
        let mut id = self.add(vec![tip], tree, what);
        // On a branch of its own, which is merged at once.
        if self.random.below(8) == 0 {
            let tree = Tree::clone(&self.commits[id].tree);
            id = self.add(vec![tip, id], tree, "merge of a topic");
        }
        self.move_to(environment, id);
    }

    fn add(&mut self, parents: Vec<usize>, tree: Tree, what: &'static str) -> usize {
        if !self.hasty {
            self.clock += self.random.next() % 4000;
        }
        self.commits.push(Commit {
            parents,
            tree: Rc::new(tree),
            time: self.clock,
            what,
        });
        self.commits.len() - 1
    }

    fn move_to(&mut self, environment: usize, commit: usize) {
        let moved = match self.branches {
            true => environment..environment + 1,
            false => 0..self.tips.len(),
        };
        for environment in moved {
            self.tips[environment] = commit;
            self.moves.push((environment, commit));
        }
    }

    /// Writes a file in another way that means the same.
    fn restyle(&mut self, tree: &mut Tree) {
        let number = self.random.below(tree.len());
        if let Some(file) = tree.values_mut().nth(number) {
            file.style = self.random.next();
        }
    }

    fn tidy(&mut self, environment: usize) {
        let mut tree = Tree::clone(&self.tree(environment));
        for _ in 0..=self.random.below(4) {
            self.restyle(&mut tree);
        }
        self.commit(environment, tree, "tidy up");
    }

    /// Puts a value where a target gets it from: in its highest layer that has one, if that is
    /// the environment's own.
    fn put(
        &mut self,
        tree: &mut Tree,
        environment: usize,
        service: usize,
        path: &Path,
        entry: Entry,
    ) {
        let known = self.set_in(tree, environment, service, path);
        let known = known.map(|(file, _)| file);
        let layers = self.layers(environment, service);
        let is_item = path[0] == "endpoints";
        let file = known.filter(|file| self.is_own(file)).unwrap_or_else(|| {
            match (self.branches, is_item) {
                (true, true) => layers[2].clone(),
                (_, true) => layers[3].clone(),
                _ => layers[2 + self.random.below(2)].clone(),
            }
        });
        let layer = &mut tree.get_mut(&file).unwrap().layer;
        layer.insert(path.clone(), entry);
    }

    fn fresh(&mut self, like: &Scalar) -> Scalar {
        self.fresh += 1 + u32::try_from(self.random.below(3)).unwrap();
        match like {
            Scalar::Bool(truth) => Scalar::Bool(!truth),
            Scalar::Tenths(_) => Scalar::Tenths(self.fresh * 10 + 1 + self.fresh % 9),
            Scalar::Text(_) => Scalar::Text(format!("text {}-{}", self.fresh, self.fresh % 7)),
            Scalar::Whole(_) | Scalar::Null => Scalar::Whole(self.fresh),
        }
    }

    fn change(&mut self, environment: usize, service: usize, key: usize, what: &'static str) {
        let path = self.keys[key].path.clone();
        let mut tree = Tree::clone(&self.tree(environment));
        let known = self.value(&tree, environment, service, &path).cloned();
        let like = match &known {
            Some(entry) => entry.value.clone(),
            None => self.keys[key].start.clone(),
        };
        let value = self.fresh(&like);
        let after = known.map(|entry| entry.act).into_iter().collect();
        let act = self.act(after, value.clone());
        self.put(&mut tree, environment, service, &path, Entry { value, act });
        self.commit(environment, tree, what);
    }

    /// Takes a value over from another environment: picked from its commit, or typed anew.
    fn copy(&mut self, from: usize, to: usize, service: usize, key: usize, what: &'static str) {
        let mut tree = Tree::clone(&self.tree(to));
        if self.take(&mut tree, from, to, service, key) {
            self.commit(to, tree, what);
        }
    }

    /// Takes over all values of one service, or of all, in one commit.
    fn squash(&mut self, up: usize, down: usize, service: usize) {
        let mut tree = Tree::clone(&self.tree(down));
        let all = self.random.below(2) == 0;
        let services = match all {
            true => 0..self.services.len(),
            false => service..service + 1,
        };
        for service in services {
            for key in 0..self.keys.len() {
                if all || self.random.below(3) > 0 {
                    self.take(&mut tree, up, down, service, key);
                }
            }
        }
        self.commit(down, tree, "promote everything");
    }

    fn take(
        &mut self,
        tree: &mut Tree,
        from: usize,
        to: usize,
        service: usize,
        key: usize,
    ) -> bool {
        let Key { path, role } = self.key(key);
        let source = self.tree(from);
        let wanted = self.value(&source, from, service, &path).cloned();
        let known = self.value(tree, to, service, &path).cloned();
        let Some(entry) = wanted else {
            return false;
        };
        let same = known.is_some_and(|known| known.value == entry.value);
        if same || role == Role::Own {
            return false;
        }
        self.put(tree, to, service, &path, entry);
        true
    }

    fn key(&self, key: usize) -> Key {
        Key {
            path: self.keys[key].path.clone(),
            role: self.keys[key].role,
        }
    }

    fn unset(&mut self, environment: usize, service: usize, key: usize) {
        let Key { path, role } = self.key(key);
        let mut tree = Tree::clone(&self.tree(environment));
        let Some((file, entry)) = self.set_in(&tree, environment, service, &path) else {
            return;
        };
        let entry = entry.clone();
        if role == Role::Item {
            return;
        }
        // In the lowest layer null is a value, and takes nothing away.
        let is_lowest = self.is_own(&file) && file == "config/base.yaml";
        let by_null = !is_lowest && self.random.below(3) == 0;
        if by_null && entry.value != Scalar::Null {
            let value = Scalar::Null;
            let act = self.act(vec![entry.act], value.clone());
            self.put(&mut tree, environment, service, &path, Entry { value, act });
        } else if self.is_own(&file) {
            tree.get_mut(&file).unwrap().layer.remove(&path);
        }
        self.commit(environment, tree, "unset");
    }

    /// Writes a number as a text.
    fn retype(&mut self, environment: usize, service: usize, key: usize) {
        let Key { path, role } = self.key(key);
        let mut tree = Tree::clone(&self.tree(environment));
        let Some(entry) = self.value(&tree, environment, service, &path).cloned() else {
            return;
        };
        let Scalar::Whole(number) = entry.value else {
            return;
        };
        if role == Role::Own {
            return;
        }
        let value = Scalar::Text(number.to_string());
        let act = self.act(vec![entry.act], value.clone());
        self.put(&mut tree, environment, service, &path, Entry { value, act });
        self.commit(environment, tree, "quote");
    }

    /// Sets a value back to what it was before.
    fn revert(&mut self, environment: usize, service: usize, key: usize) {
        let Key { path, .. } = self.key(key);
        let mut tree = Tree::clone(&self.tree(environment));
        let Some(entry) = self.value(&tree, environment, service, &path).cloned() else {
            return;
        };
        let Some(&before) = self.acts[entry.act].after.first() else {
            return;
        };
        let value = self.acts[before].value.clone();
        if value == Scalar::Null || value == entry.value {
            return;
        }
        let act = self.act(vec![entry.act], value.clone());
        self.put(&mut tree, environment, service, &path, Entry { value, act });
        self.commit(environment, tree, "revert");
    }

    /// Moves a value to a higher layer, where it says the same.
    fn lift(&mut self, environment: usize, service: usize, key: usize) {
        let Key { path, role } = self.key(key);
        let mut tree = Tree::clone(&self.tree(environment));
        let Some((file, entry)) = self.set_in(&tree, environment, service, &path) else {
            return;
        };
        if role == Role::Item || entry.value == Scalar::Null {
            return;
        }
        let entry = entry.clone();
        let layers = self.layers(environment, service);
        let number = layers.iter().position(|layer| *layer == file).unwrap();
        let is_of_service = |number: usize| number == 3 || (number == 2) == self.branches;
        if number == 3 {
            return;
        }
        tree.get_mut(&layers[3])
            .unwrap()
            .layer
            .insert(path.clone(), entry);
        // It stays where others have it from.
        if self.is_own(&file) && number == 2 && is_of_service(number) {
            tree.get_mut(&file).unwrap().layer.remove(&path);
        }
        self.commit(environment, tree, "move");
    }

    /// Merges the branch of one environment into that of the next.
    fn merge(&mut self, up: usize, down: usize) {
        let (theirs, ours) = (self.tips[up], self.tips[down]);
        let (known, other) = (self.reachable(ours), self.reachable(theirs));
        if known.contains(&theirs) {
            return;
        }
        if other.contains(&ours) && self.random.below(2) == 0 {
            self.move_to(down, theirs);
            return;
        }
        let base = *known.intersection(&other).max().unwrap();
        let trees = [base, ours, theirs].map(|commit| Rc::clone(&self.commits[commit].tree));
        let mut tree = Tree::new();
        for (path, file) in trees[1].iter() {
            let layers = [0, 1, 2].map(|side| &trees[side][path].layer);
            let keys: BTreeSet<&Path> = layers.iter().flat_map(|layer| layer.keys()).collect();
            let mut merged = File {
                layer: Default::default(),
                style: file.style,
            };
            for key in keys {
                let [base, ours, theirs] = layers.map(|layer| layer.get(key));
                let value = |entry: Option<&Entry>| entry.map(|entry| entry.value.clone());
                let entry = if value(ours) == value(theirs) || value(theirs) == value(base) {
                    ours.cloned()
                } else if value(ours) == value(base) {
                    theirs.cloned()
                } else {
                    self.decide(ours, theirs)
                };
                if let Some(entry) = entry {
                    merged.layer.insert(key.clone(), entry);
                }
            }
            tree.insert(path.clone(), merged);
        }
        let id = self.add(vec![ours, theirs], tree, "merge");
        self.move_to(down, id);
    }

    /// Settles a conflict, for one side or the other.
    fn decide(&mut self, ours: Option<&Entry>, theirs: Option<&Entry>) -> Option<Entry> {
        let chosen = match self.random.below(3) {
            0 => theirs,
            _ => ours,
        };
        let value = chosen?.value.clone();
        let after = [ours, theirs].into_iter().flatten();
        let act = self.act(after.map(|entry| entry.act).collect(), value.clone());
        Some(Entry { value, act })
    }
}

struct Key {
    path: Path,
    role: Role,
}
