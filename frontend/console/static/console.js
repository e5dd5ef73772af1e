// What every page has: menus that close, and text that can be copied.

for (const menu of document.querySelectorAll('details.account')) {
  document.addEventListener('click', event => { if (!menu.contains(event.target)) menu.open = false })
  menu.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return
    menu.open = false
    menu.querySelector('summary').focus()
  })
}

if (navigator.clipboard) {
  for (const text of document.querySelectorAll('details > pre')) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'copy'
    button.textContent = 'Copy'
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(text.textContent)
      button.textContent = 'Copied'
    })
    text.after(button)
  }
}

// What is wrong, or was done, gets the focus: a keyboard goes on from there, and a screen reader says it. A page that is only
// shown again leaves the focus to the reader.
if (performance.getEntriesByType('navigation')[0]?.type === 'navigate' && [null, document.body].includes(document.activeElement)) {
  const wrong = document.querySelector('main [aria-invalid=true]')
  const said = wrong ?? document.querySelector('main [role=alert], main > .notice[role=status], main .lead[role=status]')
  if (said && !wrong) said.tabIndex = -1
  said?.focus()
  wrong?.select?.()
}
