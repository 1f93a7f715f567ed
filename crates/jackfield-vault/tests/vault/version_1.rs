//! Tests that vaults of format 1 that an earlier version wrote can still be opened.

use std::fs;

use jackfield_vault::{Key, Vault};

use crate::{got, passphrase, place, secret};

/// A vault whose key file contains `5a` 32 times.
const OF_A_FILE: &str = "\
jackfield vault 1
vault 7dd6e664321dfb5f2780e6e8a016ab01
key file d87c07e9fa49659c471028756c404f1f
record 7044c6a2e89902b20b2f13f3 b570f0a33af32397ce79c0ef99c919e3 an empty one
record 796126c72c2c2e29d72e6423 eb06d9733e8220f77343e86009b8352eabfb888d1358f7 bookshop/bookshopToken/token
seal 43366357a62fdd1ce0322cd0 89aafc50cb9a9734b1fc9c1648a0362b
";

/// A vault with the passphrase `correct horse`.
const OF_A_PASSPHRASE: &str = "\
jackfield vault 1
vault 691956135a44f50eeff44ea09fac72ad
key passphrase 685afe8ad3a840797879dd8eac496830 argon2id 8 1 1 ce3cd1838a0356dd8b5ee567e70942f0
record c2fe127723e6c6cd7430dfd1 8368823c6559137f1fe3f528515012d3 an empty one
record c35402b8bf0eb0358e408ade 599765c860e3f24e299d36611faf71916c8ff1be2b6bfc bookshop/bookshopToken/token
seal 6a4db7e3feadfa3944f89720 81940196098c9e728b8985dbf959e520
";

#[test]
fn vault_file_of_format_version_1_can_still_be_opened() {
    let (folder, place) = place();
    let file = folder.path().join("key");
    Vault::create(&place, Key::File(file.clone())).unwrap();
    // The existing files are overwritten instead of replaced, so that they keep their permissions.
    fs::write(&file, "5a".repeat(32)).unwrap();
    for (text, key) in [(OF_A_FILE, Key::File(file)), (OF_A_PASSPHRASE, passphrase("correct horse"))] {
        fs::write(place.file(), text).unwrap();
        let vault = Vault::open(&place, key).unwrap();
        assert_eq!(vault.names().unwrap(), ["an empty one", "bookshop/bookshopToken/token"]);
        assert_eq!(got(&vault, "an empty one").unwrap(), "");
        assert_eq!(got(&vault, "bookshop/bookshopToken/token").unwrap(), "hunter2");

        // A new record leaves the lines of the old records unchanged.
        vault.put("new", &secret("x")).unwrap();
        let written = fs::read_to_string(place.file()).unwrap();
        let old: Vec<&str> = text.lines().take(5).collect();
        assert!(written.starts_with(&format!("{}\n", old.join("\n"))), "{written}");
    }
}
