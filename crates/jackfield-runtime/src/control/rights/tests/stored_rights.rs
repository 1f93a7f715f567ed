//! Tests a running server that follows the stored rights.

use std::sync::Arc;

use jackfield_recipe::Effect;

use super::super::permit::StoredPermit;
use super::super::stored;
use super::{TOOLS, caller, tool, tools};
use crate::control::store::sqlite::SqliteStore;
use crate::engine::policy::permit::{Permission, Permit as _};

const READERS: &str = "[[rule]]\nprincipals = [\"token:a\"]\neffects = \"read\"\nrights = [\"approve\"]\n";

#[test]
fn running_server_applies_rights_that_another_process_stores() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("shop");
    let permit = StoredPermit::open(&folder, tools().to_vec()).unwrap();
    let a = caller("token:a", &[]);
    let allowed = || {
        permit.refresh().unwrap();
        let allowed = |name: &&str| permit.decide(&a, tool(name), None) == Permission::Allowed;
        TOOLS.iter().map(|(name, ..)| *name).filter(allowed).count()
    };
    // If no rights are stored, the state is not created, and every call is allowed.
    assert_eq!((allowed(), permit.version(&a), folder.exists()), (6, 0, false));
    assert!(permit.may_approve(&caller("local", &[])) && !permit.may_approve(&a));

    let other = SqliteStore::open(&folder).unwrap();
    assert_eq!(stored::replace(&other, Some(READERS), 1).unwrap(), 1);
    assert_eq!(allowed(), 3);
    assert!(permit.may_approve(&caller("local", &[])) && permit.may_approve(&a));
    let version = permit.version(&a);
    let changes = permit.changes().unwrap();
    assert_eq!(*changes.borrow(), 1);
    let more = READERS.replace("read\"", "write\"");
    assert_eq!(stored::replace(&other, Some(&more), 2).unwrap(), 2);
    assert_eq!(allowed(), 5);
    assert_ne!(permit.version(&a), version);
    assert!(changes.has_changed().unwrap() && *changes.borrow() == 2);
    // If a newer version has stored rights that this version cannot apply, every call is refused.
    assert_eq!(stored::replace(&other, Some("[[newer]]\n"), 3).unwrap(), 3);
    assert_eq!((allowed(), permit.in_force()), (0, (3, true)));
    assert_eq!(stored::replace(&other, None, 4).unwrap(), 4);
    assert_eq!((allowed(), permit.version(&a), permit.in_force()), (6, 0, (4, false)));
}

#[test]
fn last_hundred_versions_of_the_rights_stay_in_the_store() {
    let store = SqliteStore::in_memory().unwrap();
    for number in 1..=150 {
        assert_eq!(stored::replace(&store, Some(READERS), 0), Ok(number));
    }
    let count =
        store.read(|it| Ok(it.query_row("SELECT count(*) FROM rights", [], |row| row.get::<_, i64>(0))?));
    assert_eq!(count, Ok(100));
    assert_eq!(stored::latest(&store).unwrap().map(|it| it.version), Some(150));
}

#[test]
fn cached_decisions_of_many_principals_are_bounded() {
    let rights = Arc::new(super::rights(READERS));
    for number in 0..10_000 {
        let caller = caller(&format!("token:{number}"), &[]);
        let target = tool("list_books");
        assert_eq!((rights.decide(&caller, target, None), target.effect), (Permission::Hidden, Effect::Read));
    }
    assert!(rights.kept() <= 4096);
}
