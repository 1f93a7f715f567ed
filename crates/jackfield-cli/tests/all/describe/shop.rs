//! A connector in a temporary folder, and a fake command that stands for a language model's command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

pub(crate) const DOCUMENT: &str = include_str!("api.yaml");
pub(crate) const MANIFEST: &str = "document = \"api.yaml\"\nname = \"shop\"\n";
pub(crate) const OVERLAY: &str = "descriptions.overlay.yaml";

/// A connector in a temporary folder, and the fake command.
pub(crate) struct Shop {
    pub(crate) folder: tempfile::TempDir,
}

impl Shop {
    pub(crate) fn new() -> Self {
        Self::with(DOCUMENT)
    }

    pub(crate) fn with(document: &str) -> Self {
        let shop = Self { folder: tempfile::tempdir().unwrap() };
        shop.write("api.yaml", document);
        shop.write("connector.toml", MANIFEST);
        shop
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Sets the answer of the fake command.
    pub(crate) fn answer(&self, texts: &Value) -> &Self {
        self.write("answer.json", &json!({ "texts": texts }).to_string());
        self
    }

    pub(crate) fn jackfield(&self, words: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jackfield"));
        Run(command.args(words).current_dir(self.folder.path()).output().unwrap())
    }

    /// Runs `describe` with the fake command.
    pub(crate) fn describe(&self, behaviour: &str, words: &[&str]) -> Run {
        let stand_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/describe/stand-in.sh");
        let with = format!("sh '{}' '{}' {behaviour}", stand_in.display(), self.folder.path().display());
        self.jackfield(&[&["describe", "--with", &with][..], words].concat())
    }

    /// Returns how often the fake command was started.
    pub(crate) fn starts(&self) -> usize {
        self.read("starts").len()
    }

    pub(crate) fn request(&self, number: usize) -> Value {
        serde_json::from_str(&self.read(&format!("request-{number}.json"))).unwrap()
    }

    /// Returns the description of a tool in the list.
    pub(crate) fn listed(&self, tool: &str) -> String {
        let printed = self.jackfield(&["preview", "connector.toml", "tools", "--json"]).printed();
        let tools: Vec<Value> = serde_json::from_str(&printed).unwrap();
        let found =
            tools.iter().find(|it| it["name"] == tool).unwrap_or_else(|| panic!("no {tool} in {printed}"));
        found["description"].as_str().unwrap_or_default().to_owned()
    }
}

pub(crate) struct Run(Output);

impl Run {
    pub(crate) fn code(&self) -> i32 {
        self.0.status.code().unwrap_or(-1)
    }

    pub(crate) fn printed(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    pub(crate) fn said(&self) -> String {
        format!("{}{}", self.printed(), String::from_utf8_lossy(&self.0.stderr))
    }

    #[track_caller]
    pub(crate) fn expect(self, code: i32, parts: &[&str]) -> Self {
        let said = self.said();
        assert_eq!(self.code(), code, "{said}");
        for part in parts {
            assert!(said.contains(part), "{part}\n---\n{said}");
        }
        self
    }
}

/// Returns acceptable texts for every weak tool.
pub(crate) fn good() -> Value {
    json!({
        "list_books.summary": "Lists the titles on sale",
        "list_books.description": "Returns the titles that the shop sells, sorted by age or price. Use it without a search word.",
        "list_books.arguments.limit": "How many titles to return, at most 100; the default is 20",
        "list_books.arguments.order": "Whether the newest or the cheapest titles come first",
        "recall_book.summary": "Asks a reader to return a title",
        "recall_book.description": "Sends a reader a request to return a borrowed title early.",
        "find_books.description": "Finds at most 50 archived books by a word, within 30 seconds.",
        "search_books.description": "Finds at most 50 books on open shelves by a word, within 30 seconds.",
    })
}
