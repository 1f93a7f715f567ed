//! Long jobs: each .txt file in `tests/jobs` is a script of service answers and calls to the connector of
//! `jobs.yaml`; `faults.rs` describes the syntax.

use std::path::Path;

use jackfield_build::{Job, Manifest, model_of};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_tests::job_shop;

use crate::faults::run_rows;

fn preview() -> ConnectorRows {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs/connector.toml");
    let modelled =
        model_of(&Job::new(Manifest::read(&path).unwrap())).unwrap_or_else(|error| panic!("{error}"));
    jackfield_cli::preview::connector(modelled)
}

#[test]
fn jobs_are_equal_in_preview_and_compiled_code() {
    assert_eq!(&job_shop::CONNECTOR, preview().get());
}

#[tokio::test(start_paused = true)]
async fn job_status_is_polled_as_the_fixtures_say() {
    let sides = [("preview", preview()), ("compiled", (&job_shop::CONNECTOR).into())];
    let rows = run_rows("jobs", "JOB_SHOP", &sides).await;
    assert!(rows > 40, "only {rows} rows");
}
