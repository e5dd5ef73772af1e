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
