use strata::config::Snapshot;

/// Lets the templates of a tree have the environment variables that its manifest names.
pub(crate) fn known(tree: Snapshot) -> Snapshot {
    tree.with_environment(|name| std::env::var(name).ok())
}
