use jackfield_surface::Digest;

/// The location of the generated files, which determines how the index refers to the other files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// In `src/generated` of a crate: `pub mod books;`
    Crate,
    /// In a folder of `OUT_DIR`, included with `include!`.
    OutDir {
        /// The folder's name in `OUT_DIR`.
        folder: String,
    },
}

/// The source in the header of each generated file.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The document's file name, without its folder.
    pub document: String,
    /// The digest of all files that were read.
    pub digest: Digest,
}
