//! Sealed values in lists whose items go by a name.

use super::*;

const BY_NUMBER: &str = "properties:\n  users:\n    items:\n      properties:\n        name: {type: string}\n        password: {type: string, x-secret: true}\n";
const USERS: &str =
    "users:\n  - name: ann\n    password: of-ann\n  - name: bob\n    password: of-bob\n";

fn by_name() -> String {
    BY_NUMBER.replace("  users:\n", "  users:\n    x-merge: by-key(name)\n")
}

/// A repository with two sealed values in a list.
fn shop(schema: &str) -> Shop {
    let shop = Shop::plain();
    shop.scratch.write("schema/app.yaml", schema);
    shop.scratch.write("prod.yaml", USERS);
    shop.scratch.commit("users");
    shop.keyring("prod", &shop.new_keyring(&["prod"], &[]))
        .unwrap();
    shop.commit(&|repo, configuration| seal_all(repo, configuration, None, None))
        .unwrap();
    shop
}

impl Shop {
    fn password(&self, index: usize) -> String {
        let read = self.read("prod", &format!("users.{index}.password"), &self.ann);
        read.unwrap_or_else(|error| error.to_string())
    }

    fn insert(&self) {
        self.replace("prod.yaml", "users:\n", "users:\n  - name: zoe\n");
    }
}

#[test]
fn item_before_others_breaks_no_sealed_value_where_items_go_by_a_name() {
    let shop = shop(&by_name());
    assert_eq!(shop.password(0), "of-ann");
    shop.insert();
    assert_eq!([shop.password(1), shop.password(2)], ["of-ann", "of-bob"]);
    assert_eq!(shop.check(&shop.since("HEAD"), None), "");
    assert_eq!(shop.check(&shop.since("HEAD"), Some(&shop.ann)), "");
    shop.scratch.commit("zoe");
    // So it stays with another key, and where one of them is sealed by itself.
    shop.keyring("prod", &KeyringChange::Rotate).unwrap();
    shop.seal("prod", "users.0.password", Secret::text("of-zoe"))
        .unwrap();
    let all = [shop.password(0), shop.password(1), shop.password(2)];
    assert_eq!(all, ["of-zoe", "of-ann", "of-bob"]);
    shop.replace("prod.yaml", "users:\n", "users:\n  - name: abe\n");
    assert_eq!([shop.password(1), shop.password(3)], ["of-zoe", "of-bob"]);
    // Where the manifest says it, it is the same.
    shop.scratch.write("schema/app.yaml", BY_NUMBER);
    shop.replace(
        "strata.yaml",
        "strata: 1\n",
        "strata: 1\nmerge: {users: by-key(name)}\n",
    );
    assert_eq!([shop.password(1), shop.password(3)], ["of-zoe", "of-bob"]);
}

#[test]
fn sealed_value_opens_in_no_item_of_another_name() {
    let shop = shop(&by_name());
    shop.replace("prod.yaml", "name: ann", "name: zoe");
    insta::assert_snapshot!(shop.password(0), @r#"`users.0.password` stays sealed: the secret does not open: it was sealed for `/users/~=name="ann"/password` in `prod.yaml`"#);
    insta::assert_snapshot!(shop.check(&shop.since("HEAD"), None), @"error[copied-token] prod.yaml:3: this sealed value stood in an item of another name");
    // Nor where two have that name, or the tokens changed places.
    shop.replace("prod.yaml", "name: zoe", "name: bob");
    assert!(shop.password(1).contains("was sealed for"));
    shop.scratch.git(&["checkout", "-q", "."]);
    shop.replace("prod.yaml", "name: ann", "name: xxx");
    shop.replace("prod.yaml", "name: bob", "name: ann");
    shop.replace("prod.yaml", "name: xxx", "name: bob");
    assert!(shop.password(0).contains("was sealed for"));
    insta::assert_snapshot!(shop.check(&shop.since("HEAD"), None), @"
    error[copied-token] prod.yaml:3: this sealed value stood in an item of another name
    error[copied-token] prod.yaml:5: this sealed value stood in an item of another name
    ");
    shop.scratch.commit("they changed names");
    shop.commit(&|repo, configuration| {
        let done = adopt(
            repo,
            configuration,
            Adopting::default(),
            &shop.ann.identities,
        )?;
        Ok(done.0)
    })
    .unwrap();
    assert_eq!([shop.password(0), shop.password(1)], ["of-ann", "of-bob"]);
}

#[test]
fn value_that_is_sealed_for_a_number_opens_there_as_before() {
    let shop = shop(BY_NUMBER);
    shop.insert();
    assert!(shop.password(1).contains("was sealed for"));
    shop.scratch.git(&["checkout", "-q", "."]);
    shop.scratch.write("schema/app.yaml", by_name());
    assert_eq!([shop.password(0), shop.password(1)], ["of-ann", "of-bob"]);
    assert_eq!(shop.check(&Scope::Tree, Some(&shop.ann)), "");
    shop.scratch.commit("by name");
    shop.keyring("prod", &KeyringChange::Rotate).unwrap();
    shop.insert();
    assert_eq!([shop.password(1), shop.password(2)], ["of-ann", "of-bob"]);
}

#[test]
fn item_that_has_another_number_is_edited_and_is_told_when_it_is_plain() {
    let shop = shop(&by_name());
    let configuration = shop.configuration();
    let tree = configuration.here();
    let vault = configuration
        .vault(tree, Arc::clone(&shop.ann.identities))
        .unwrap();
    let editing = Editing::begin(&configuration, tree, "prod.yaml", &vault).unwrap();
    let open = editing.text().expose().to_owned();
    let zoe = "users:\n  - name: zoe\n    password: of-ann\n";
    let edited = Secret::text(open.replace("users:\n", zoe));
    let sealed = editing.finish(&edited, &vault).unwrap();
    shop.scratch.write("prod.yaml", sealed);
    let all = [shop.password(0), shop.password(1), shop.password(2)];
    assert_eq!(all, ["of-ann", "of-ann", "of-bob"]);
    shop.scratch.git(&["checkout", "-q", "."]);
    shop.scratch
        .write("schema/app.yaml", by_name().replace(", x-secret: true", ""));
    let token = shop.token();
    shop.replace("prod.yaml", &token, "of-ann");
    shop.insert();
    let told = shop.check(&shop.since("HEAD"), None);
    let told = told.lines().find(|line| line.contains("unsealed"));
    insta::assert_snapshot!(told.unwrap_or_default(), @"error[unsealed-secret] prod.yaml:4: `users.1.password` stood sealed here, and stands here for all to read");
}
