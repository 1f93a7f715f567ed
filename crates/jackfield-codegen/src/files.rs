use std::collections::BTreeMap;

/// An in-memory tree of files, to be written or checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, File>);

/// A file of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The owner of the file.
    pub owner: Owner,
    /// The content of the file.
    pub text: String,
}

/// The owner of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The generator: the file is overwritten, and removed when it is no longer generated.
    Generator,
    /// The user: the file is written once and never changed again.
    User,
}

impl Files {
    /// Adds a file. `path` is relative, with `/` between its parts.
    pub fn add(&mut self, path: String, owner: Owner, text: String) {
        self.0.insert(path, File { owner, text });
    }

    /// Adds all files of another tree.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Returns the file at that path.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.0.get(path)
    }

    /// Returns every file, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.0.iter().map(|(path, file)| (path.as_str(), file))
    }
}
