// Asking this service.

// json fetches JSON of the API.
export async function json(address) {
  const answer = await fetch(address, { headers: { Accept: 'application/json' } })
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`)
  return answer.json()
}

// page sends a request for a page and returns its document and address. The browser parses it, and
// runs no script in it.
export function page(method, address, body, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open(method, address)
    request.responseType = 'document'
    if (progress) request.upload.addEventListener('progress', progress)
    request.addEventListener('load', () => resolve({ document: request.response, address: request.responseURL }))
    request.addEventListener('error', () => reject(new Error('the service does not answer')))
    request.send(body)
  })
}
