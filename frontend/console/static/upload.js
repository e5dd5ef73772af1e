// Uploads: a file can be dropped, and shows how far it is.

import { page } from './fetch.js'

start(document.querySelector('[data-upload]'))

function start(form) {
  if (!form) return
  const drop = form.querySelector('.drop')
  const file = form.querySelector('input[type=file]')
  for (const name of ['dragenter', 'dragover']) {
    drop.addEventListener(name, event => { event.preventDefault(); drop.classList.add('over') })
  }
  for (const name of ['dragleave', 'drop']) drop.addEventListener(name, () => drop.classList.remove('over'))
  drop.addEventListener('drop', event => {
    event.preventDefault()
    if (event.dataTransfer.files.length > 0) file.files = event.dataTransfer.files
  })
  form.addEventListener('submit', event => { event.preventDefault(); send(form) })
}

async function send(form) {
  const bar = form.querySelector('progress')
  const said = form.querySelector('output')
  const button = form.querySelector('button.primary')
  const here = location.href
  bar.hidden = false
  button.disabled = true
  said.textContent = 'Sending…'
  try {
    const answer = await page('POST', form.action, new FormData(form), event => {
      if (!event.lengthComputable) return
      bar.value = event.loaded / event.total
      said.textContent = event.loaded < event.total ? `${Math.floor(100 * bar.value)} %` : 'Reading the file…'
    })
    if (new URL(answer.address).pathname !== new URL(form.action).pathname) {
      location.assign(answer.address)
      return
    }
    // What was wrong is on the page that came back; the file stays chosen.
    const file = form.querySelector('input[type=file]')
    const main = document.importNode(answer.document.querySelector('main'), true)
    document.querySelector('main').replaceWith(main)
    main.querySelector('input[type=file]')?.replaceWith(file)
    history.replaceState(null, '', here)
    start(main.querySelector('[data-upload]'))
    main.querySelector('[role=alert]')?.scrollIntoView({ block: 'nearest' })
    main.focus()
  } catch (fault) {
    said.textContent = `The file was not sent: ${fault.message}. It may be too large, or the connection broke.`
    bar.hidden = true
    button.disabled = false
  }
}
