//! The sheet of keys: what the table says for the page that is open.

use leptos::{html, prelude::*};

use super::{
    Shell, keep_single_keys,
    keys::{Key, Reach, Scope, offered},
};
use crate::{component::Icon, words::use_words};

/// The sheet, as long as the shell says that it is open.
#[component]
pub fn KeySheet(shell: Shell, path: Memo<String>) -> impl IntoView {
    move || {
        shell
            .sheet
            .get()
            .then(|| view! { <Open shell path=path.get_untracked()/> })
    }
}

#[component]
fn Open(shell: Shell, path: String) -> impl IntoView {
    let words = use_words();
    let dialog: NodeRef<html::Dialog> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get()
            && !dialog.open()
        {
            let _ = dialog.show_modal();
        }
    });
    let leave = move |_| match dialog.get_untracked() {
        Some(dialog) => dialog.close(),
        None => shell.sheet.set(false),
    };
    let (everywhere, here): (Vec<&Key>, Vec<&Key>) =
        offered(&path, shell.may_register.get_untracked())
            .into_iter()
            .partition(|key| key.scope == Scope::Anywhere);
    let table = move |title: &'static str, keys: Vec<&'static Key>| {
        (!keys.is_empty()).then(|| {
            view! {
                <table class="table dense">
                    <caption>{title}</caption>
                    <tbody>
                        {keys.into_iter().map(|key| view! {
                            <tr>
                                <th scope="row">{words.key_act(key.act)}
                                    {(key.reach == Reach::Focus).then(|| view! { " "<span class="muted small">{words.key_in_focus()}</span> })}
                                </th>
                                <td class="nowrap">{key.caps(words).into_iter().map(|cap| view! { <kbd>{cap}</kbd>" " }).collect_view()}</td>
                            </tr>
                        }).collect_view()}
                    </tbody>
                </table>
            }
        })
    };
    view! {
        <dialog class="dialog key-sheet" aria-labelledby="key-sheet-title" node_ref=dialog on:close=move |_| shell.sheet.set(false)>
            <header>
                <h2 id="key-sheet-title">{words.keys_title()}</h2>
                <button type="button" class="btn quiet small icon" aria-label=words.close() on:click=leave><Icon name="i-x"/></button>
            </header>
            <div class="body" tabindex="0" role="region" aria-labelledby="key-sheet-title">
                {table(words.keys_here(), here)}
                {table(words.keys_everywhere(), everywhere)}
                <label class="check">
                    <input type="checkbox" prop:checked=move || shell.single_keys.get()
                        on:change=move |event| keep_single_keys(shell, event_target_checked(&event))/>
                    {words.keys_switch()}
                </label>
                <p class="muted small">{words.keys_switch_hint()}</p>
            </div>
        </dialog>
    }
}
