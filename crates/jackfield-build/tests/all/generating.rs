//! Generates a connector from a document and a connector.toml, in a folder that is removed afterwards.

use std::fs;

use jackfield_build::{CrateFolder, Error, Generated};

/// A document of a service at `https://api.example.com`. The text begins with its paths.
macro_rules! shop_document {
    ($text:literal) => {
        concat!(
            "openapi: 3.0.3\ninfo: { title: Shop, version: '1' }\n",
            "servers: [{ url: 'https://api.example.com' }]\n",
            $text
        )
    };
}
pub(crate) use shop_document;

/// Generates from a document and the text of a connector.toml after its line `document`.
pub(crate) fn generated(document: &str, choices: &str) -> Result<Generated, Error> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("shop.yaml"), document).unwrap();
    let text = format!("document = \"shop.yaml\"\n{choices}\n");
    fs::write(folder.path().join("connector.toml"), text).unwrap();
    CrateFolder::open(folder.path())?.generate()
}

/// The text of the generated file with the row of the connector.
#[allow(dead_code, reason = "some tests read only the rows of tools")]
pub(crate) fn connector_row(generated: &Generated) -> String {
    let mut texts = generated.files.iter().map(|(_, file)| &file.text);
    texts.find(|text| text.contains("static CONNECTOR")).unwrap().clone()
}
