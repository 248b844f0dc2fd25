//! `git strata blame` and `show --blame`: who set a value.

use super::harness::Place;

#[test]
fn each_value_stands_with_the_commit_that_set_it() {
    let shop = Place::shop();
    insta::assert_snapshot!(shop.run("blame config/services/cart/staging.yaml --rev env/staging").all(), @r#"
    commit      date        author       key                value
    2b1192fc09  2025-09-03  Jonas Weber  database.host      cart-db.staging.shop.example
    69968c9834  2026-01-28  Jonas Weber  database.port      "5432"
    2b1192fc09  2025-09-03  Jonas Weber  database.password  <secret>
    [0]
    "#);
    // A value is followed through another form and another name of its file.
    let path = "config/services/catalog/base.yaml";
    let text = std::fs::read_to_string(shop.path().join(path)).unwrap();
    let form = shop.run(&format!("convert {path} --to json")).out;
    shop.git(&["rm", "-q", path]);
    shop.write("config/catalog.json", form).commit("as JSON");
    shop.git(&["rm", "-q", "config/catalog.json"]);
    shop.write(path, text.replace("page_size: 36", "page_size: 48"));
    insta::assert_snapshot!(shop.run(&format!("blame {path} --path catalog")).all(), @"
    commit      date        author             key                    value
                            not committed yet  catalog.page_size      48
    2b1192fc09  2025-09-03  Jonas Weber        catalog.image_quality  80
    [0]
    ");
    insta::assert_snapshot!(shop.run("show catalog --service catalog --blame").all(), @"
    commit      date        author             value                       from
                            not committed yet  catalog.page_size = 48      config/services/catalog/base.yaml:16
    2b1192fc09  2025-09-03  Jonas Weber        catalog.image_quality = 80  config/services/catalog/base.yaml:17
    [0]
    ");
    let json = shop.run(&format!(
        "blame {path} --path catalog.page_size --format json"
    ));
    let json = json.json();
    assert_eq!(json["body"]["values"][0]["value"], 48);
    assert!(json["body"]["values"][0]["commit"].is_null());
}

#[test]
fn files_are_named_from_where_one_stands() {
    let shop = Place::shop();
    let from_root = shop.run("blame config/base.yaml");
    assert_eq!(from_root.status, 0, "{}", from_root.err);
    for words in [
        "-C config blame base.yaml",
        "-C config/services blame ../base.yaml",
        "-C config blame config/base.yaml",
    ] {
        assert_eq!(shop.run(words).all(), from_root.all(), "{words}");
    }
    insta::assert_snapshot!(shop.run("blame confg/base.yaml").all(), @"
    error: there is no file `confg/base.yaml`
    help: did you mean `config/base.yaml`?
    [2]
    ");
    insta::assert_snapshot!(shop.run("blame config").all(), @"
    error: `config` is a folder, not a file
    help: name a file in it: `git ls-files config`
    [2]
    ");
    insta::assert_snapshot!(shop.run("blame config/base.yaml --path databse").all(), @"
    error: nothing sets `databse` in `config/base.yaml`
    help: did you mean `database`?
    [2]
    ");
    shop.write("notes.txt", "a: b: c\n");
    insta::assert_snapshot!(shop.run("blame notes.txt").all(), @"
    error: `notes.txt` cannot be read as YAML, JSON or TOML
    help: see it by line: `git blame notes.txt`
    [2]
    ");
    let nowhere = Place::new().run("blame a.yaml");
    assert_eq!(nowhere.status, 2);
    assert!(nowhere.err.contains("is not inside a Git repository"));
}
