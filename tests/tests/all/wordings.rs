//! The lean wording has less text than the full wording, and its tools accept the same arguments.

use jackfield_build::{Job, Manifest, Wording, model_of};
use jackfield_testkit::disagreements;
use jackfield_tests::SPECS;

use crate::specs::{connector_name, document};

#[test]
fn lean_and_full_tool_schemas_accept_the_same_arguments() {
    let mut found = Vec::new();
    for spec in SPECS {
        let path = document(spec.file);
        let [full, lean] = [Wording::Full, Wording::Lean].map(|wording| {
            let manifest = Manifest::for_document(&path, Some(connector_name(spec.name)));
            let modelled = model_of(&Job::new(manifest.worded(Some(wording))));
            modelled.unwrap_or_else(|error| panic!("{}: {error}", spec.file)).connector
        });
        found.extend(disagreements(&full, &lean).into_iter().map(|what| format!("{}: {what}", spec.file)));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
