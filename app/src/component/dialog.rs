//! A form in a dialog.

use leptos::{html, prelude::*};

use super::Icon;
use crate::words::use_words;

/// A dialog that is open as long as it is in the page: a form with a title, a way out and a way on.
#[component]
pub fn FormDialog(
    #[prop(into)] title: String,
    /// The word on the button that sends.
    #[prop(into)]
    send_word: String,
    close: Callback<()>,
    send: Callback<()>,
    /// True while it cannot be sent.
    #[prop(into)]
    is_blocked: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let words = use_words();
    let dialog: NodeRef<html::Dialog> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get()
            && !dialog.open()
        {
            let _ = dialog.show_modal();
        }
    });
    // Closed by its own means, it gives the focus back to where it came from.
    let leave = move |_| match dialog.get_untracked() {
        Some(dialog) => dialog.close(),
        None => close.run(()),
    };
    view! {
        <dialog class="dialog" aria-labelledby="dialog-title" node_ref=dialog on:close=move |_| close.run(())>
            <form novalidate on:submit=move |event| {
                event.prevent_default();
                if !is_blocked.get_untracked() { send.run(()); }
            }>
                <header>
                    <h2 id="dialog-title">{title}</h2>
                    <button type="button" class="btn quiet small icon" aria-label=words.close() on:click=leave><Icon name="i-x"/></button>
                </header>
                <div class="body stack">{children()}</div>
                <footer>
                    <button type="button" class="btn" on:click=leave>{words.cancel()}</button>
                    <button type="submit" class="btn primary" disabled=move || is_blocked.get()>{send_word}</button>
                </footer>
            </form>
        </dialog>
    }
}
