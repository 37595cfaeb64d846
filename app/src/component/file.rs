//! Files that a person chooses, read in the browser.

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FileReader};

/// What a file holds, read as `begin` asks; `None` when it cannot be read.
pub async fn read_file(
    file: &File,
    begin: impl FnOnce(&FileReader, &File) -> Result<(), JsValue>,
) -> Option<String> {
    let reader = FileReader::new().ok()?;
    let read = js_sys::Promise::new(&mut |done, failed| {
        reader.set_onload(Some(&done));
        reader.set_onerror(Some(&failed));
    });
    begin(&reader, file).ok()?;
    JsFuture::from(read).await.ok()?;
    reader.result().ok()?.as_string()
}
