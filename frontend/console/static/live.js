// Pages follow what happens, over Server-Sent Events. Without them a page stays as it was.

import { page } from './fetch.js'

const job = document.querySelector('[data-live=job]')
const lists = document.querySelector('[data-live=jobs]')
const workers = document.querySelector('[data-live=workers]')

if (workers) followWorkers()
else if (job && job.dataset.final === 'false') followJob()
else if (lists && !new URLSearchParams(location.search).has('cursor')) followJobs()

// followJob shows the progress of a job, and the whole page again when it has ended.
function followJob() {
  const source = new EventSource(`/v1/jobs/${encodeURIComponent(job.dataset.job)}/events`)
  const again = later(async () => {
    const now = (await page('GET', location.href)).document?.querySelector('[data-live=job]')
    if (!now) return
    if (now.dataset.final === 'true') {
      source.close()
      location.reload()
      return
    }
    job.querySelector('.status').replaceChildren(...document.importNode(now.querySelector('.status'), true).childNodes)
  })
  source.addEventListener('message', event => {
    const { type, progress } = JSON.parse(event.data)
    const bar = job.querySelector('progress')
    if (type === 'job.progress' && bar) bar.value = progress
    else again()
  })
  source.addEventListener('reset', again)
}

// followJobs fetches the lists of this page again when something happens to jobs. What is
// chosen stays chosen.
function followJobs() {
  const source = new EventSource(`/v1/events?kind=job`)
  const again = later(async () => {
    const now = (await page('GET', location.href)).document
    const fresh = now?.querySelectorAll('[data-live=jobs]') ?? []
    const shown = document.querySelectorAll('[data-live=jobs]')
    if (fresh.length !== shown.length || [...shown].some((list, k) => list.tagName !== fresh[k].tagName)) { // such as the first job of an empty list
      if (!document.querySelector(':checked[name=id]')) location.reload()
      return
    }
    const chosen = new Set([...document.querySelectorAll(':checked[name=id]')].map(box => box.value))
    const focused = document.activeElement?.closest('[data-job]')?.dataset.job
    const head = [...document.querySelectorAll('.sort')].indexOf(document.activeElement)
    shown.forEach((list, k) => list.replaceWith(document.importNode(fresh[k], true)))
    for (const box of document.querySelectorAll('[name=id]')) box.checked = chosen.has(box.value)
    if (focused) document.querySelector(`[data-job="${CSS.escape(focused)}"] :is(a, input)`)?.focus()
    document.querySelectorAll('.sort')[head]?.focus()
  })
  source.addEventListener('message', again)
  source.addEventListener('reset', again)
}

// followWorkers fetches this page again when the worlds do something else. A tab that is hidden does so once it is shown.
function followWorkers() {
  const source = new EventSource(`/workers/events?version=${workers.dataset.version}`)
  let missed = false
  const again = later(async () => {
    if (document.hidden) {
      missed = true
      return
    }
    missed = false
    const fresh = (await page('GET', location.href)).document?.querySelector('[data-live=workers]')
    if (!fresh) return
    const focused = document.activeElement?.getAttribute('href')
    const scrolled = [...document.querySelectorAll('main .scroll')].map(list => [list.id, list.scrollTop, list === document.activeElement])
    document.querySelector('[data-live=workers]').replaceWith(document.importNode(fresh, true))
    if (focused) document.querySelector(`main a[href="${CSS.escape(focused)}"]`)?.focus()
    for (const [id, top, active] of scrolled) {
      const list = document.getElementById(id)
      if (!list) continue
      list.scrollTop = top
      if (active) list.focus()
    }
  })
  source.addEventListener('message', again)
  document.addEventListener('visibilitychange', () => { if (missed) again() })
}

// later makes a function that does its work a moment after it was called, once for many calls,
// and again for calls that come meanwhile.
function later(work) {
  let waits = false
  let busy = false
  const run = async () => {
    waits = false
    busy = true
    try { await work() } catch { /* the next event tries again */ }
    busy = false
  }
  return () => {
    if (waits) return
    waits = true
    setTimeout(function turn() { busy ? setTimeout(turn, 500) : run() }, 1000)
  }
}
