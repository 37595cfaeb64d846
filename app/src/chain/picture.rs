//! A map as a PNG: the browser draws the server's SVG on a canvas, with the fonts that its reader has.

/// The most pixels of a picture: what the browsers that allow least still draw.
#[cfg(feature = "hydrate")]
const PIXELS: f64 = 16e6;

/// Draws the picture at an address and saves it under a name. `None` when the browser cannot.
#[cfg(feature = "hydrate")]
pub(super) async fn save(address: &str, file_name: &str) -> Option<()> {
    use leptos::{
        prelude::document,
        wasm_bindgen::JsCast,
        web_sys::{
            CanvasRenderingContext2d, HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement,
        },
    };
    let image = HtmlImageElement::new().ok()?;
    image.set_src(address);
    wasm_bindgen_futures::JsFuture::from(image.decode())
        .await
        .ok()?;
    let (width, height) = (
        f64::from(image.natural_width()),
        f64::from(image.natural_height()),
    );
    let scale = (PIXELS / (width * height)).sqrt().min(2.0);
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "pixels"
    )]
    {
        canvas.set_width((width * scale) as u32);
        canvas.set_height((height * scale) as u32);
    }
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context
        .draw_image_with_html_image_element_and_dw_and_dh(
            &image,
            0.0,
            0.0,
            width * scale,
            height * scale,
        )
        .ok()?;
    let link: HtmlAnchorElement = document().create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&canvas.to_data_url().ok()?);
    link.set_download(file_name);
    link.click();
    Some(())
}

/// There is no canvas on the server, and nobody asks there.
#[cfg(not(feature = "hydrate"))]
pub(super) async fn save(_address: &str, _file_name: &str) -> Option<()> {
    None
}
