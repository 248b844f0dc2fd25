/// Finds which file a name in a template means, as a path from the root of the tree: with `./` or
/// `../` it is seen from beside the template, else from the root. What leads out of the tree comes
/// back with a `/` at its start, which no file has.
pub(super) fn join(name: &str, parent: &str) -> String {
    let outside = || format!("/{name}");
    if name.starts_with('/') {
        return outside();
    }
    let mut parts: Vec<&str> = Vec::new();
    if name.starts_with("./") || name.starts_with("../") {
        parts.extend(parent.split('/'));
        parts.pop();
    }
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return outside();
                }
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_seen_from_the_root_or_from_beside_the_template() {
        let parent = "config/env/prod.yaml.j2";
        for (name, path) in [
            ("common/a.yaml", "common/a.yaml"),
            ("./a.yaml", "config/env/a.yaml"),
            ("../a.yaml", "config/a.yaml"),
            ("common/.././a.yaml", "a.yaml"),
            ("../../../a.yaml", "/../../../a.yaml"),
            ("common/../../a.yaml", "/common/../../a.yaml"),
            ("/etc/passwd", "//etc/passwd"),
        ] {
            assert_eq!(join(name, parent), path, "{name}");
        }
    }
}
