//! Tests the errors of the rights file.

use super::super::document::RightsDocument;
use super::super::unmatched;
use super::tools;

#[test]
fn error_about_an_invalid_rights_file_names_position_problem_and_remedy() {
    let rule = |lines: &str| format!("[[rule]]\nprincipals = [\"*\"]\n{lines}");
    for (text, message) in [
        (String::new(), "1:1: there are no rules"),
        (
            "[[rules]]\neffects = \"read\"".to_owned(),
            "1:3: there is no key `rules` here; did you mean `rule`?",
        ),
        ("[[rule]]\neffects = \"read\"".to_owned(), "2:1: rule 1 has no `principals`"),
        (rule("tool = [\"a\"]"), "3:1: there is no key `tool` here; did you mean `tools`?"),
        (rule("effects = \"raed\""), "3:11: there is no effect `raed`; did you mean `read`?"),
        (rule("effects = \"all\""), "3:11: there is no effect `all`; write the strongest effect"),
        (rule("tools = [\"a\"]"), "2:1: rule 1 has `tools`, but no `effects`"),
        (rule(""), "2:1: rule 1 has no `effects`"),
        (rule("effects = \"read\"\ntools = \"a\""), "4:9: expected an array of strings, not a string"),
        (rule("effects = \"read\"\ntools = []"), "4:9: the array is empty"),
        (rule("effects = \"read\"\ntools = [\"!\"]"), "4:10: `!` excepts nothing"),
        (rule("rights = [\"aprove\"]"), "3:11: there is no right `aprove`; did you mean `approve`?"),
        (rule("effects = \"read\"\nscopes = [\"a b\"]"), "4:11: the scope `a b` contains a space"),
        (
            rule("effects = \"read\"\n[rule.arguments]\nid = { equal = 1 }"),
            "5:8: there is no key `equal` here; did you mean `equals`?",
        ),
        (
            rule("effects = \"read\"\n[rule.arguments]\ncustomer.id = { equals = 1 }"),
            "5:1: `id` is not a condition; put the path into quotes: \"customer.id\"",
        ),
        (rule("effects = \"read\"\narguments = { id = {} }"), "4:15: `id` has no condition"),
        (
            rule("effects = \"read\"\narguments = { id = { at_most = \"5\" } }"),
            "`at_most` needs a number, not a string",
        ),
        (
            rule("effects = \"read\"\narguments = { \"a..b\" = { equals = 1 } }"),
            "`a..b` is not a path of an argument",
        ),
        ("[[rule]]\nprincipals = [\"ada\"]".to_owned(), "2:15: `ada` is not a principal; write `*`, `local`"),
        ("[[rule]]\nprincipals = [\"token:a*\"]".to_owned(), "`token:a*` is not a principal"),
        (
            "[groups]\nreaders = [\"local\"]\n[[rule]]\nprincipals = [\"group:reader\"]".to_owned(),
            "4:15: there is no group `reader`; did you mean `group:readers`?",
        ),
        (
            "[groups]\na = [\"group:b\"]".to_owned(),
            "2:6: `group:b` is a group, and a group cannot contain groups",
        ),
        ("[[rule]\n".to_owned(), "correct the TOML"),
        (" ".repeat(9_000_000), "1:1: the file has 9000000 bytes"),
    ] {
        let error = RightsDocument::parse(&text).unwrap_err().to_string();
        assert!(error.contains(message), "{error}\nis not\n{message}");
    }
}

#[test]
fn policy_pattern_that_matches_no_tool_is_an_error() {
    let check = |lines: &str| {
        let text = format!("[[rule]]\nprincipals = [\"*\"]\n{lines}");
        let document = RightsDocument::parse(&text).unwrap();
        unmatched::check(&document, &tools()).map_err(|error| error.to_string())
    };
    for lines in [
        "effects = \"read\"",
        "effects = \"read\"\ntools = [\"list_*\", \"!list_orders\"]",
        "effects = \"write\"\ntags = [\"books\"]",
        "effects = \"read\"\nresources = [\"shop://*\"]",
        "rights = [\"approve\"]",
    ] {
        assert_eq!(check(lines), Ok(()), "{lines}");
    }
    for (lines, message) in [
        (
            "effects = \"read\"\ntools = [\"list_book\"]",
            "4:10: `list_book` of rule 1 matches no tool of this connector; did you mean `list_books`?",
        ),
        (
            "effects = \"read\"\ntools = [\"*\", \"!lists_*\"]",
            "4:15: `lists_*` of rule 1 matches no tool of this connector",
        ),
        ("effects = \"read\"\ntags = [\"book\"]", "4:9: `book` of rule 1 matches no tag of this connector"),
        (
            "effects = \"read\"\ntools = [\"create_order\"]",
            "2:1: rule 1 allows no tool of this connector; correct it, remove it, or add --allow-unmatched",
        ),
    ] {
        let error = check(lines).unwrap_err();
        assert!(error.contains(message), "{error}\nis not\n{message}");
    }
}

#[test]
fn error_about_a_rule_for_a_merged_tool_names_the_operations_to_write() {
    let text = "[[rule]]\nprincipals = [\"*\"]\neffects = \"read\"\ntools = [\"see_books\"]";
    let mut known = tools().to_vec();
    for tool in &mut known[..2] {
        tool.merged_into = Some("see_books".to_owned());
    }
    let error = unmatched::check(&RightsDocument::parse(text).unwrap(), &known).unwrap_err().to_string();
    let remedy = format!("write \"{}\", \"{}\"", known[0].name, known[1].name);
    assert!(
        error.contains("`see_books` of rule 1 is a merged tool, and rights apply to its operations"),
        "{error}"
    );
    assert!(error.contains(&remedy), "{error}\nis not\n{remedy}");
}
