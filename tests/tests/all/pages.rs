//! Pagination: each .txt file in `tests/pages` is a script of service answers and calls to the connector of
//! `pages.yaml`; `faults.rs` describes the syntax.

use std::path::Path;

use jackfield_build::{Job, Manifest, model_of};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_tests::page_shop;

use crate::faults::run_rows;

fn preview() -> ConnectorRows {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("pages/connector.toml");
    let modelled =
        model_of(&Job::new(Manifest::read(&path).unwrap())).unwrap_or_else(|error| panic!("{error}"));
    jackfield_cli::preview::connector(modelled)
}

#[test]
fn pagination_is_equal_in_preview_and_compiled_code() {
    assert_eq!(&page_shop::CONNECTOR, preview().get());
}

#[tokio::test(start_paused = true)]
async fn pages_are_requested_as_the_fixtures_say() {
    let sides = [("preview", preview()), ("compiled", (&page_shop::CONNECTOR).into())];
    let rows = run_rows("pages", "PAGE_SHOP", &sides).await;
    assert!(rows > 25, "only {rows} rows");
}
