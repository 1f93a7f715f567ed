use jackfield_surface::Digest;

/// Where the generated files will lie, which decides how the index names the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// In `src/generated` of a crate: `pub mod books;`
    Crate,
    /// In a folder of `OUT_DIR`, reached by `include!`.
    OutDir {
        /// The folder's name in `OUT_DIR`.
        folder: String,
    },
}

/// The source that the header of each generated file names.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The document's file name, without its folder.
    pub document: String,
    /// The digest of everything that was read.
    pub digest: Digest,
}
