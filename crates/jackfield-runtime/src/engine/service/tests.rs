//! Suggestions for unknown names.

use super::*;
use crate::common::environment::Environment;
use crate::v1::{Connector, Tool};

#[test]
fn suggested_tool_has_no_stronger_effect_than_the_requested_name_implies() {
    static TOOLS: &[&Tool] = &[
        &Tool::new("delete_books", "DELETE", "/books", |_, _| Ok(())).effect(Effect::Destroy),
        &Tool::new("set_book", "PUT", "/books", |_, _| Ok(())).effect(Effect::Write),
        &Tool::new("get_bookie", "GET", "/bookie", |_, _| Ok(())).effect(Effect::Read),
    ];
    static GROUPS: &[crate::v1::Group] = &[crate::v1::Group::new("books", TOOLS)];
    static SHOP: Connector = Connector::new("shop").groups(GROUPS);
    let custom = CustomTool::new("get_bookz", |_| async { Ok(ToolResult::text("")) });
    let service =
        Service::new(Api::new(&SHOP, Environment::of([] as [(&str, &str); 0])), vec![custom]).unwrap();
    for (asked, meant) in [
        // The names of `set_book` and of the custom tool are nearer to the requested name, but their effects are stronger.
        ("get_book", Some("get_bookie")),
        ("set_bok", Some("set_book")),
        ("delete_book", Some("delete_books")),
        ("elete_books", None),
        ("select_books", None),
        ("list_books", None),
    ] {
        assert_eq!(service.unknown(asked).near.as_deref(), meant, "{asked}");
    }
    let long = service.unknown(&"x".repeat(1_000_000)).to_string();
    assert!(long.len() < 200, "{}", long.len());
}
