//! Committed files equal the files that the current generator creates, and all front ends create the same files.

use std::fs;
use std::path::Path;

use jackfield_build::{CrateFolder, NewConnector, Runtime};
use jackfield_tests::{OUT_DIR, SPECS};

use crate::specs;

#[test]
fn committed_connectors_are_up_to_date() {
    let folder = specs::repository().join("crates/connectors");
    let mut seen = 0;
    let mut stale = String::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.join("connector.toml").is_file() {
            continue;
        }
        seen += 1;
        let connector = CrateFolder::open(&path).unwrap_or_else(|error| panic!("{error}"));
        let generated = connector.generate().unwrap_or_else(|error| panic!("{error}"));
        let drifts = connector.check(&generated).unwrap_or_else(|error| panic!("{error}"));
        for drift in drifts {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            stale.push_str(&format!("crates/connectors/{name}/{drift}\n"));
        }
    }
    assert!(seen > 0, "there is no connector in crates/connectors");
    assert!(stale.is_empty(), "\n{stale}\nrun `cargo xtask gen`, and review what it changes");
}

/// A crate on disk, files in memory and `OUT_DIR` come from one pipeline. Only the index differs, because it
/// contains the paths of the other files.
#[test]
fn all_front_ends_generate_identical_files() {
    for spec in SPECS {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("connector");
        let new = NewConnector {
            name: Some(specs::connector_name(spec.name)),
            ..NewConnector::of(specs::document(spec.file), Runtime::Version("0.1.0".to_owned()))
        };
        let connector = CrateFolder::open_or_create(&folder, &new).unwrap();
        connector.write(&connector.generate().unwrap()).unwrap();

        let out = Path::new(OUT_DIR).join(spec.name);
        let mut in_crate = names(&folder.join("src/generated"));
        in_crate.push("jackfield.lock".to_owned());
        in_crate.sort();
        assert_eq!(in_crate, names(&out), "{}", spec.file);
        for name in in_crate.iter().filter(|name| *name != "mod.rs") {
            let place = if name == "jackfield.lock" {
                folder.join(name)
            } else {
                folder.join("src/generated").join(name)
            };
            let (one, other) =
                (fs::read_to_string(place).unwrap(), fs::read_to_string(out.join(name)).unwrap());
            let differs = one.lines().zip(other.lines()).position(|(one, other)| one != other);
            assert!(one == other, "{}: {name} differs from build.rs's in line {differs:?}", spec.file);
        }
    }
}

/// A build script runs often. It must not rewrite an unchanged file, or everything that depends on the file
/// would be compiled again.
#[test]
fn repeated_generation_gives_identical_files() {
    for spec in SPECS {
        let generate = || {
            let layout = jackfield_build::Layout::OutDir { folder: spec.name.to_owned() };
            specs::model(&specs::document(spec.file), spec.name).generate(&layout).files
        };
        let (first, second) = (generate(), generate());
        assert!(first == second, "{}: two runs differ", spec.file);
        for (name, file) in first.iter() {
            let built = fs::read_to_string(Path::new(OUT_DIR).join(spec.name).join(name)).unwrap();
            assert!(file.text == built, "{}: {name} differs from what build.rs made", spec.file);
        }
    }
}

/// Returns the files below `folder`, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
