// The form of a job: search among the assets, their sum, and the dates of the forecast.

import { json } from './fetch.js'

const form = document.querySelector('[data-newjob]')
const rows = [...form.querySelectorAll('.pick tbody tr')]
const search = form.querySelector('[data-search]')

if (search) {
  search.parentElement.hidden = false
  search.addEventListener('input', () => {
    const wanted = search.value.trim().toLowerCase()
    for (const row of rows) row.hidden = !row.querySelector('label').textContent.toLowerCase().includes(wanted)
  })
  search.addEventListener('keydown', event => { if (event.key === 'Enter') event.preventDefault() })
}

// Who chooses an asset or gives it an amount means that asset.
for (const row of rows) {
  const check = row.querySelector('[name=asset]')
  const amount = row.querySelector('.amount')
  amount.addEventListener('input', () => { if (amount.value.trim() !== '') choose(check, true) })
  check.addEventListener('change', () => choose(check, check.checked))
}
function choose(check, on) {
  check.checked = on
  if (on) form.querySelector('[name=which][value=some]').checked = true
  add()
}

const sum = form.querySelector('[data-sum]')
function add() {
  if (!sum) return
  let total = 0
  const all = form.querySelector('[name=which][value=all]').checked
  for (const row of rows) {
    const amount = row.querySelector('.amount').value.trim()
    if (amount !== '' && (all || row.querySelector('[name=asset]').checked)) total += Number(amount)
  }
  for (const line of form.querySelector('[name=more]').value.split('\n')) {
    const at = line.lastIndexOf('=')
    if (at > 0) total += Number(line.slice(at + 1))
  }
  sum.textContent = Number.isFinite(total) ? String(Math.round(total * 1e6) / 1e6) : '–'
}
form.addEventListener('input', add)
form.addEventListener('change', add)

// The dates follow what is typed, a moment later. An earlier answer that comes late is dropped.
const dates = form.querySelector('[data-dates]')
let asked = 0
let timer
async function look() {
  const turn = ++asked
  const [name, version] = form.elements.dataset.value.trim().split('@')
  const horizon = Number(form.elements.horizon.value)
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name) || !Number.isInteger(horizon) || horizon < 1 || horizon > 1000) return
  const query = new URLSearchParams({ horizon })
  if (version) query.set('version', version)
  if (form.elements.freq.value.trim() !== '') query.set('freq', form.elements.freq.value.trim())
  try {
    const next = await json(`/v1/datasets/${encodeURIComponent(name)}/next?${query}`)
    if (turn === asked) dates.textContent = next.ds.length > 1 ? `${next.ds[0]} to ${next.ds.at(-1)}` : next.ds[0]
  } catch {
    if (turn === asked) dates.textContent = ''
  }
}
for (const name of ['horizon', 'freq']) {
  form.elements[name].addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(look, 300) })
}
