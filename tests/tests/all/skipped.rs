//! A skipped test is reported and counted, although the harness hides the output of passing tests.

use std::env;
use std::fs;
use std::process::Command;

use jackfield_testkit::skipped;

const IS_CHILD: &str = "JACKFIELD_TEST_SKIPS";

#[test]
fn skipped_test_is_printed_and_appended_to_the_named_file() {
    if env::var_os(IS_CHILD).is_some() {
        return skipped("a reason");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("skipped.txt");
    let name = "skipped::skipped_test_is_printed_and_appended_to_the_named_file";
    for _ in 0..2 {
        let child = Command::new(env::current_exe().unwrap())
            .args([name, "--exact", "--test-threads=2"])
            .env(IS_CHILD, "1")
            .env("JACKFIELD_SKIPPED_TESTS", &file)
            .output()
            .unwrap();
        assert!(child.status.success(), "{child:?}");
        let printed = String::from_utf8(child.stderr).unwrap();
        assert_eq!(printed, format!("SKIPPED: {name}: a reason\n"));
    }
    let line = format!("SKIPPED: {name}: a reason\n");
    assert_eq!(fs::read_to_string(file).unwrap(), line.repeat(2));
}
