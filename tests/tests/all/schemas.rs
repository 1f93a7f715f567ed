//! Checks the served schemas with code that is independent of the generator.

use jackfield_runtime::{Api, Caller, Channel, Environment, Service};
use jackfield_testkit::schema_faults;
use jackfield_tests::{SPECS, TABLES};

#[test]
fn input_schemas_are_accepted_by_strict_clients() {
    let connectors = SPECS.iter().map(|spec| (spec.name, spec.connector));
    let mut faults = Vec::new();
    for (name, connector) in connectors.chain(TABLES.iter().map(|table| (table.name, table.connector))) {
        let api = Api::new(connector, Environment::of::<String, String>([]));
        for tool in Service::new(api, Vec::new()).unwrap().list(&Caller::local(Channel::Stdio)) {
            let found = schema_faults(&tool.input.into());
            faults.extend(found.into_iter().map(|fault| format!("{name}: {} {fault}", tool.name)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
